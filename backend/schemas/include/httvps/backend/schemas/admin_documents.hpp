#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/admin.hpp"
#include "httvps/backend/models/admin_token.hpp"
#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

template <length_range Length>
struct codec<passphrase<Length>> {
  static constexpr detail::text_rule rule{
      .least = Length.least,
      .most = Length.most,
      .format = "password",
      .description = "A password, one line of text: never logged, stored hashed.",
      .pattern = printable_line::pattern};

  static void read(const json_value& from, passphrase<Length>& into, problem_list& problems) {
    const auto* found = detail::read_text(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    const std::string_view content(found->data(), found->size());
    if (!is_printable_line(content)) {
      detail::report_bad_format(rule, problems);
      return;
    }
    into.value = base::secret_bytes::from_text(content);
  }
  static json_value write(const passphrase<Length>&) { return to_json_text(base::redacted); }
  static json_object schema(component_set&) { return detail::text_schema(rule); }
};

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

  amended<display_name> name;
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

using fresh_password = passphrase<length_range{12, 128}>;
using present_password = passphrase<length_range{1, 128}>;
using login_code = text<length_range{0, 32}, printable_line>;

struct login_request {
  static constexpr std::string_view schema_name = "LoginRequest";

  display_name name;
  present_password password;
  std::optional<login_code> code;
};
BOOST_DESCRIBE_STRUCT(login_request, (), (name, password, code))

struct login_answer {
  static constexpr std::string_view schema_name = "Login";

  models::admin_id admin_id;
  models::admin_role role = models::admin_role::read_only;
  secret_line token;
  moment expires_at;
};
BOOST_DESCRIBE_STRUCT(login_answer, (), (admin_id, role, token, expires_at))

struct admin_request {
  static constexpr std::string_view schema_name = "AdminRequest";

  display_name name;
  models::admin_role role = models::admin_role::read_only;
  fresh_password password;
};
BOOST_DESCRIBE_STRUCT(admin_request, (), (name, role, password))

struct admin_change_request {
  static constexpr std::string_view schema_name = "AdminChange";

  amended<display_name> name;
  amended<models::admin_role> role;
  amended<models::admin_state> state;
  amended<fresh_password> password;
};
BOOST_DESCRIBE_STRUCT(admin_change_request, (), (name, role, state, password))

struct admin_view {
  static constexpr std::string_view schema_name = "Admin";

  models::admin_id id;
  display_name name;
  models::admin_role role = models::admin_role::read_only;
  models::admin_state state = models::admin_state::active;
  models::totp_state totp = models::totp_state::off;
  moment created_at;
};
BOOST_DESCRIBE_STRUCT(admin_view, (), (id, name, role, state, totp, created_at))

struct admin_page {
  static constexpr std::string_view schema_name = "AdminPage";

  page_items<admin_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(admin_page, (), (items, next_page_token))

struct password_change_request {
  static constexpr std::string_view schema_name = "PasswordChange";

  present_password present;
  fresh_password fresh;
};
BOOST_DESCRIBE_STRUCT(password_change_request, (), (present, fresh))

struct totp_enrolment_answer {
  static constexpr std::string_view schema_name = "TotpEnrolment";

  secret_line secret;
  secret_line link;
};
BOOST_DESCRIBE_STRUCT(totp_enrolment_answer, (), (secret, link))

struct totp_confirm_request {
  static constexpr std::string_view schema_name = "TotpConfirmation";

  text<length_range{6, 6}, printable_line> code;
};
BOOST_DESCRIBE_STRUCT(totp_confirm_request, (), (code))

struct recovery_codes_answer {
  static constexpr std::string_view schema_name = "RecoveryCodes";

  list<secret_line, length_range{0, 16}> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(recovery_codes_answer, (), (recovery_codes))

struct totp_disable_request {
  static constexpr std::string_view schema_name = "TotpRemoval";

  present_password password;
  login_code code;
};
BOOST_DESCRIBE_STRUCT(totp_disable_request, (), (password, code))

struct done_answer {
  static constexpr std::string_view schema_name = "Done";

  constant_flag<true> done;
};
BOOST_DESCRIBE_STRUCT(done_answer, (), (done))

}
