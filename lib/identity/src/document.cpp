#include "httvps/identity/document.hpp"

#include <algorithm>

#include "context.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

using std::chrono::seconds;

template <typename Claims>
base::result<std::string> sign_claims(const signing_key& key, context purpose,
                                      const Claims& claims) {
  HTTVPS_TRY(const auto payload, encode_claims(claims));
  return sign_in_context(key, purpose, payload);
}

struct verified_content {
  std::string payload;
  key_standing signer = key_standing::current;
};

base::result<verified_content> verified_payload(std::string_view token, const document_check& check,
                                                context purpose) {
  HTTVPS_TRY(auto document, parse_in_context(token, purpose));
  HTTVPS_TRY(const auto found, check.keys.find(document.key_id, check.now));
  HTTVPS_CHECK(verify_in_context(document, found.key, purpose));
  return verified_content{.payload = std::move(document.token.payload), .signer = found.standing};
}

seconds late_by(base::system_time last, base::system_time now) {
  return seconds(base::to_unix_seconds(now) - base::to_unix_seconds(last));
}

bool may_only_renew(seconds late, expiry_grace grace) {
  return late > seconds(0) && grace.length() >= expiry_grace::renewal().length();
}

bool is_issued_in_the_future(base::system_time issued, base::system_time now) {
  return late_by(now, issued) > clock_tolerance;
}

}

base::result<std::string> sign_document(const signing_key& key, const access_claims& claims) {
  return sign_claims(key, context::access_token, claims);
}

base::result<std::string> sign_document(const signing_key& key, const ticket_claims& claims) {
  return sign_claims(key, context::ticket, claims);
}

base::result<std::string> sign_document(const signing_key& key, const config_claims& claims) {
  return sign_claims(key, context::config, claims);
}

base::result<std::string> sign_document(const signing_key& root, const key_set_claims& claims) {
  return sign_claims(root, context::key_set, claims);
}

base::result<verified_access> judge_access_times(verified_access known,
                                                 const document_check& check) {
  if (is_issued_in_the_future(known.claims.issued, check.now)) {
    return base::fail(errc::token_not_yet_valid);
  }
  const auto late = late_by(known.claims.expires, check.now);
  if (late > check.grace.length()) {
    return base::fail(errc::token_expired);
  }
  if (known.signer == key_standing::retired && !may_only_renew(late, check.grace)) {
    return base::fail(errc::unknown_key);
  }
  known.expired_since = std::max(late, seconds(0));
  return known;
}

base::result<verified_access> verify_access_token(std::string_view token,
                                                  const document_check& check) {
  HTTVPS_TRY(const auto content, verified_payload(token, check, context::access_token));
  HTTVPS_TRY(auto claims, decode_access_claims(content.payload));
  verified_access known{.claims = std::move(claims), .signer = content.signer};
  return judge_access_times(std::move(known), check);
}

base::result<ticket_claims> verify_ticket(std::string_view token, const document_check& check) {
  HTTVPS_TRY(const auto content, verified_payload(token, check, context::ticket));
  HTTVPS_TRY(auto claims, decode_ticket_claims(content.payload));
  if (late_by(claims.expires, check.now) > seconds(0)) {
    return base::fail(errc::ticket_expired);
  }
  return claims;
}

base::result<config_claims> verify_config(std::string_view token, const document_check& check) {
  HTTVPS_TRY(const auto content, verified_payload(token, check, context::config));
  HTTVPS_TRY(auto claims, decode_config_claims(content.payload));
  if (is_issued_in_the_future(claims.issued, check.now)) {
    return base::fail(errc::token_not_yet_valid);
  }
  if (late_by(claims.not_after, check.now) > check.grace.length()) {
    return base::fail(errc::config_expired);
  }
  return claims;
}

}
