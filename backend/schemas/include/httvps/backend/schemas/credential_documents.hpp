#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/credential.hpp"
#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

using owner_identifier = text<length_range{1, 64}, printable_line>;

struct issued_credential {
  static constexpr std::string_view schema_name = "IssuedCredential";

  secret_line credential;
  std::optional<moment> expires_at;
  std::optional<counter_value> expires_s;
};
BOOST_DESCRIBE_STRUCT(issued_credential, (), (credential, expires_at, expires_s))

struct credential_view {
  static constexpr std::string_view schema_name = "Credential";

  owner_identifier owner_id;
  models::credential_kind kind = models::credential_kind::gateway;
  models::credential_state state = models::credential_state::valid;
  moment created_at;
  std::optional<moment> used_at;
  std::optional<moment> expires_at;
  std::optional<moment> renewal_asked_at;
  std::optional<moment> revoked_at;
};
BOOST_DESCRIBE_STRUCT(credential_view, (),
                      (owner_id, kind, state, created_at, used_at, expires_at, renewal_asked_at,
                       revoked_at))

struct credential_page {
  static constexpr std::string_view schema_name = "CredentialPage";

  page_items<credential_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(credential_page, (), (items, next_page_token))

}
