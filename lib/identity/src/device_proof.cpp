#include "httvps/identity/device_proof.hpp"

#include <sodium.h>

#include "fields.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr std::string_view proof_label = "htv1/request";
constexpr std::size_t proof_fields = 3;
constexpr std::size_t header_limit = 4096;
constexpr std::size_t longest_seconds = 11;
constexpr std::int64_t latest_second = 9'000'000'000;

base::byte_vector bytes_to_sign(const request_to_prove& request, std::string_view unix_seconds) {
  std::string message(proof_label);
  message.append(request.method).append("\n").append(request.path).append("\n");
  message.append(unix_seconds).append("\n");
  base::byte_array<crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), request.body.data(), request.body.size());
  message.append(base::as_text(digest));
  const auto bytes = base::as_bytes(message);
  return {bytes.begin(), bytes.end()};
}

bool is_canonical_number(std::string_view text) {
  return !text.empty() && text.size() < longest_seconds && text.front() != '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

base::result<base::system_time> parse_seconds(std::string_view text) {
  if (!is_canonical_number(text)) {
    return base::fail(errc::proof_invalid);
  }
  const std::int64_t seconds = std::stoll(std::string(text));
  if (seconds > latest_second) {
    return base::fail(errc::proof_invalid);
  }
  return base::from_unix_seconds(seconds);
}

std::string seconds_text(base::system_time moment) {
  return std::to_string(base::to_unix_seconds(moment));
}

}

base::result<std::string> build_device_proof(const request_to_prove& request,
                                             const device_credentials& credentials) {
  const auto made_at = seconds_text(credentials.now);
  const auto proof = credentials.device.sign(bytes_to_sign(request, made_at));
  std::string value(device_proof_scheme);
  value.append(" ").append(credentials.token).append("~").append(made_at);
  value.append("~").append(base::to_base64url(proof));
  if (value.size() > header_limit) {
    return base::fail(errc::too_long);
  }
  return value;
}

base::result<device_proof> parse_device_proof(std::string_view header_value) {
  if (header_value.size() > header_limit) {
    return base::fail(errc::too_long);
  }
  if (!header_value.starts_with(device_proof_scheme) ||
      !header_value.substr(device_proof_scheme.size()).starts_with(' ')) {
    return base::fail(errc::proof_invalid);
  }
  const auto fields =
      split_fields(header_value.substr(device_proof_scheme.size() + 1), proof_fields);
  if (!fields || fields->size() != proof_fields || fields->front().empty()) {
    return base::fail(errc::proof_invalid);
  }
  HTTVPS_TRY(const auto made_at, parse_seconds((*fields)[1]));
  const auto proof = parse_signature((*fields)[2]);
  if (!proof) {
    return base::fail(errc::proof_invalid);
  }
  return device_proof{.token = std::string(fields->front()), .made_at = made_at, .proof = *proof};
}

base::result<verified_access> verify_device_proof(std::string_view header_value,
                                                  const request_to_prove& request,
                                                  const device_proof_check& check) {
  HTTVPS_TRY(const auto presented, parse_device_proof(header_value));
  const auto skew = std::chrono::abs(check.document.now - presented.made_at);
  if (skew > check.max_skew) {
    return base::fail(errc::proof_expired);
  }
  HTTVPS_TRY(auto access, verify_access_token(presented.token, check.document));
  const auto message = bytes_to_sign(request, seconds_text(presented.made_at));
  if (!verify_signature(access.claims.device_key, {.message = message, .proof = presented.proof})) {
    return base::fail(errc::proof_invalid);
  }
  return access;
}

}
