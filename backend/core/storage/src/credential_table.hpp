#pragma once

#include <string_view>

#include "gateway_tables.hpp"

namespace httvps::backend::storage {

inline constexpr std::string_view leading_order =
    "PARTITION BY owner ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, "
    "CASE WHEN used_at IS NULL THEN 1 ELSE 0 END, created_at DESC, hash";

class credential_table final : public services::credential_repository {
 public:
  explicit credential_table(connection& database) noexcept : database_(database) {}
  base::result<> insert(const models::credential& credential) override;
  base::result<std::optional<models::credential>> find(std::string_view hash) override;
  base::result<std::optional<models::credential>> find_leading(std::string_view owner) override;
  base::result<models::page<models::credential>> list_leading(
      const models::page_request& wanted) override;
  base::result<> mark_used(const models::credential& credential) override;
  base::result<> end_followed(const models::credential& by, base::system_time end) override;
  base::result<> ask_renewal(std::string_view owner, base::system_time now) override;
  base::result<> revoke_all(std::string_view owner, base::system_time now) override;
  base::result<> remove_others(const models::credential& kept) override;
  base::result<> remove_unused(std::string_view owner) override;
  base::result<> remove_all(std::string_view owner) override;

 private:
  using reader = row_reader<credential_row, models::credential>;

  bool has_terms() const noexcept { return database_.schema() >= services::credential_term_schema; }

  connection& database_;
};

}
