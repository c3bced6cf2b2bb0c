#include "context.hpp"

#include <algorithm>

#include "httvps/base/bytes.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr context all_contexts[] = {context::key_set, context::access_token, context::ticket,
                                    context::config, context::policy};
constexpr std::string_view footer_start = R"({"kid":")";
constexpr std::string_view footer_end = R"("})";

bool is_lower_hex(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

std::string make_footer(const std::string& key_id) {
  return std::string(footer_start).append(key_id).append(footer_end);
}

base::result<std::string> key_id_in(std::string_view footer) {
  if (footer.size() != footer_start.size() + key_id_size + footer_end.size() ||
      !footer.starts_with(footer_start) || !footer.ends_with(footer_end)) {
    return base::fail(errc::token_invalid);
  }
  const auto key_id = footer.substr(footer_start.size(), key_id_size);
  if (!std::ranges::all_of(key_id, is_lower_hex)) {
    return base::fail(errc::token_invalid);
  }
  return std::string(key_id);
}

bool fits_another_context(const parsed_paseto& token, const public_key& key, context refused) {
  return std::ranges::any_of(all_contexts, [&](context candidate) {
    return candidate != refused && verify_paseto(token, key, to_text(candidate)).has_value();
  });
}

}

std::string_view to_text(context purpose) noexcept {
  switch (purpose) {
    case context::key_set:
      return "htv1/key-set";
    case context::access_token:
      return "htv1/access-token";
    case context::ticket:
      return "htv1/ticket";
    case context::config:
      return "htv1/config";
    case context::policy:
      return "htv1/policy";
  }
  return {};
}

std::size_t document_limit(context purpose) noexcept {
  return purpose == context::config ? 8 * paseto_limit : paseto_limit;
}

base::result<std::string> sign_in_context(const signing_key& key, context purpose,
                                          std::string_view payload) {
  auto token = sign_paseto(key, {.payload = payload,
                                 .footer = make_footer(key.key_id()),
                                 .implicit_assertion = to_text(purpose)});
  if (token.size() > document_limit(purpose)) {
    return base::fail(errc::too_long);
  }
  return token;
}

base::result<unverified_document> parse_in_context(std::string_view token, context purpose) {
  HTTVPS_TRY(auto parsed, parse_paseto(token, document_limit(purpose)));
  HTTVPS_TRY(auto key_id, key_id_in(parsed.footer));
  return unverified_document{.token = std::move(parsed), .key_id = std::move(key_id)};
}

base::result<> verify_in_context(const unverified_document& document, const public_key& key,
                                 context purpose) {
  auto verified = verify_paseto(document.token, key, to_text(purpose));
  if (!verified && fits_another_context(document.token, key, purpose)) {
    return base::fail(errc::wrong_context);
  }
  return verified;
}

}
