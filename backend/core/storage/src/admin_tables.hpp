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

class admin_token_table final
    : public record_table<services::admin_token_repository, admin_token_row, models::admin_token,
                          models::admin_token_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::admin_token>> find_by_hash(std::string_view hash) override;
  base::result<models::page<models::admin_token>> list(
      const services::admin_token_filter& filter) override;
  base::result<> note_use(const services::admin_token_use& use) override;
  base::result<> forget_before(base::system_time moment) override;
};

}
