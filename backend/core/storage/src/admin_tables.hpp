#pragma once

#include "httvps/backend/services/admin_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct admin_token_row {
  static constexpr std::string_view table = "admin_tokens";
  static constexpr std::string_view key = "id";
  static admin_token_row from(const models::admin_token& token);
  models::admin_token record() const;

  std::string id;
  std::string kind;
  std::string owner_id;
  std::string name;
  std::string hash;
  std::string role;
  std::string scopes;
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
  std::optional<std::int64_t> last_used_at;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(admin_token_row, (),
                      (id, kind, owner_id, name, hash, role, scopes, created_at, expires_at,
                       last_used_at, revoked_at))

struct admin_row {
  static constexpr std::string_view table = "admins";
  static constexpr std::string_view key = "id";
  static admin_row from(const models::admin& admin);
  models::admin record() const;

  std::string id;
  std::string name;
  std::string role;
  std::string state;
  std::string password_hash;
  std::string totp;
  std::string totp_sealed;
  std::int64_t totp_step = 0;
  std::int64_t created_at = 0;
};
BOOST_DESCRIBE_STRUCT(admin_row, (),
                      (id, name, role, state, password_hash, totp, totp_sealed, totp_step,
                       created_at))

class admin_table final
    : public record_table<services::admin_repository, admin_row, models::admin, models::admin_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::admin>> find_by_name(std::string_view name) override;
  base::result<models::page<models::admin>> list(const models::page_request& wanted) override;
  base::result<std::uint64_t> count_active(models::admin_role role) override;
  base::result<> remove(const models::admin_id& id) override;
};

class recovery_code_table final : public services::recovery_code_repository {
 public:
  explicit recovery_code_table(connection& database) noexcept : database_(database) {}
  base::result<> insert(const models::recovery_code& code) override;
  base::result<std::optional<models::recovery_code>> find(
      const models::recovery_code& named) override;
  base::result<> mark_used(const models::recovery_code& code) override;
  base::result<> remove_all(const models::admin_id& owner) override;

 private:
  connection& database_;
};

class admin_token_table final
    : public record_table<services::admin_token_repository, admin_token_row, models::admin_token,
                          models::admin_token_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::admin_token>> find_by_hash(std::string_view hash) override;
  base::result<models::page<models::admin_token>> list(
      const services::admin_token_filter& filter) override;
  base::result<> end_sessions(const services::session_end& end) override;
  base::result<> end_all(const models::admin_id& owner, base::system_time at) override;
  base::result<> note_use(const services::admin_token_use& use) override;
  base::result<> forget_before(base::system_time moment) override;
};

}
