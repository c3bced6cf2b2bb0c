#pragma once

#include "httvps/backend/services/account_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct device_row {
  static constexpr std::string_view table = "devices";
  static constexpr std::string_view key = "id";
  static device_row from(const models::device& device);
  models::device record() const;

  std::string id;
  std::string user_id;
  std::string subscription_id;
  std::string ticket_id;
  std::string name;
  std::string platform;
  std::string public_key;
  std::string state;
  std::int64_t enrolled_at = 0;
  std::optional<std::int64_t> last_seen_at;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(device_row, (),
                      (id, user_id, subscription_id, ticket_id, name, platform, public_key, state,
                       enrolled_at, last_seen_at, revoked_at))

struct ticket_row {
  static constexpr std::string_view table = "enrolment_tickets";
  static constexpr std::size_t later_columns = 1;
  static constexpr std::uint32_t later_schema = services::life_cycle_schema;
  static constexpr std::string_view key = "id";
  static ticket_row from(const models::enrolment_ticket& ticket);
  models::enrolment_ticket record() const;

  std::string id;
  std::string user_id;
  std::string gateway_id;
  std::int64_t max_uses = 1;
  std::int64_t uses = 0;
  std::int64_t expires_at = 0;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(ticket_row, (),
                      (id, user_id, gateway_id, max_uses, uses, expires_at, created_at, revoked_at))

class device_table final : public record_table<services::device_repository, device_row,
                                               models::device, models::device_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::device>> find_by_key(std::string_view public_key) override;
  base::result<std::uint64_t> count_active(const models::subscription_id& owner) override;
  base::result<std::uint64_t> count_active_before(const models::device& device) override;
  base::result<models::page<models::device>> list(const services::device_filter& filter) override;
  base::result<std::vector<models::device>> list_active(
      const services::active_device_filter& filter) override;
  base::result<services::withdrawn_list> list_withdrawn(
      const services::withdrawal_filter& filter) override;
  base::result<services::device_heritage> take_along(
      const services::device_succession& wanted) override;
};

class ticket_table final : public record_table<services::ticket_repository, ticket_row,
                                               models::enrolment_ticket, models::ticket_id> {
 public:
  using record_table::record_table;
  base::result<models::page<models::enrolment_ticket>> list(
      const services::ticket_filter& filter) override;
  base::result<std::uint64_t> forget(const services::ended_invitations& wanted) override;
};

class known_session_table final : public services::known_session_repository {
 public:
  explicit known_session_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<models::device_id>> devices_at(
      const models::gateway_id& gateway, const std::vector<models::device_id>& among) override;
  base::result<std::optional<models::known_session>> find(
      const services::session_name& name) override;
  base::result<> save(const models::known_session& session) override;
  base::result<> forget_before(base::system_time moment) override;

 private:
  connection& database_;
};

}
