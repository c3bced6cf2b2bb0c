#pragma once

#include "httvps/backend/services/audit_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct audit_chain_row {
  static constexpr std::string_view table = "audit_chain";
  static audit_chain_row from(const models::audit_line& line);
  models::audit_line record() const;

  std::int64_t seq = 0;
  std::string id;
  std::int64_t at = 0;
  std::string actor;
  std::string actor_name;
  std::string token;
  std::string address;
  std::string request_id;
  std::string action;
  std::string object;
  std::string detail;
  std::string state_before;
  std::string state_after;
  std::string previous_hash;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(audit_chain_row, (),
                      (seq, id, at, actor, actor_name, token, address, request_id, action, object,
                       detail, state_before, state_after, previous_hash, hash))

class audit_chain_table final : public services::audit_chain_repository {
 public:
  explicit audit_chain_table(connection& database) noexcept : database_(database) {}
  base::result<> append(const models::audit_line& line) override;
  base::result<models::page<models::audit_line>> newest(
      const models::audit_filter& filter) override;
  base::result<std::vector<models::audit_line>> following(const models::audit_span& span) override;
  base::result<std::optional<std::int64_t>> first_since(base::system_time moment) override;
  base::result<> remove_through(std::int64_t seq) override;

 private:
  connection& database_;
};

}
