#pragma once

#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/paseto.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

struct unverified_document {
  parsed_paseto token;
  std::string key_id;
};

base::result<std::string> sign_in_context(const signing_key& key, context purpose,
                                          std::string_view payload);
base::result<unverified_document> parse_in_context(std::string_view token, context purpose);
base::result<> verify_in_context(const unverified_document& document, const public_key& key,
                                 context purpose);

}
