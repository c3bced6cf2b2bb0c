#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/admin_token.hpp"
#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

using scope_text = text<length_range{6, 48}, scope_format>;
using scope_list = list<scope_text, length_range{0, 32}>;
using token_seconds = whole<number_range{60, 31536000}>;

struct admin_token_request {
  static constexpr std::string_view schema_name = "AdminTokenRequest";

  display_name name;
  std::optional<models::admin_role> role;
  std::optional<scope_list> scopes;
  std::optional<token_seconds> valid_s;
};
BOOST_DESCRIBE_STRUCT(admin_token_request, (), (name, role, scopes, valid_s))

struct admin_token_change {
  static constexpr std::string_view schema_name = "AdminTokenChange";

  display_name name;
};
BOOST_DESCRIBE_STRUCT(admin_token_change, (), (name))

struct admin_token_view {
  static constexpr std::string_view schema_name = "AdminToken";

  models::admin_token_id id;
  models::admin_id owner_id;
  display_name name;
  models::admin_role role = models::admin_role::read_only;
  scope_list scopes;
  moment created_at;
  moment expires_at;
  std::optional<moment> last_used_at;
  std::optional<moment> revoked_at;
};
BOOST_DESCRIBE_STRUCT(admin_token_view, (),
                      (id, owner_id, name, role, scopes, created_at, expires_at, last_used_at,
                       revoked_at))

struct admin_token_page {
  static constexpr std::string_view schema_name = "AdminTokenPage";

  page_items<admin_token_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(admin_token_page, (), (items, next_page_token))

struct admin_token_created {
  static constexpr std::string_view schema_name = "AdminTokenCreated";

  admin_token_view token;
  secret_line secret;
};
BOOST_DESCRIBE_STRUCT(admin_token_created, (), (token, secret))

}
