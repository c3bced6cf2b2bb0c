#include "httvps/identity/knock.hpp"

#include "fields.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

constexpr std::string_view knock_label = "htv1";
constexpr std::size_t access_fields = 2;
constexpr std::size_t ticket_fields = 3;

base::byte_vector bytes_to_sign(const channel_binding& binding) {
  base::byte_vector message;
  base::append(message, base::as_bytes(knock_label));
  base::append(message, base::as_bytes(binding.gateway_id));
  base::append(message, binding.exporter);
  return message;
}

base::result<std::string> finish_cookie(std::string cookie, const signing_key& device,
                                        const channel_binding& binding) {
  const auto proof = device.sign(bytes_to_sign(binding));
  cookie.append("~").append(base::to_base64url(proof));
  if (cookie.size() > knock_limit) {
    return base::fail(errc::too_long);
  }
  return cookie;
}

base::result<signature> parse_proof(std::string_view text) {
  const auto proof = parse_signature(text);
  if (!proof) {
    return base::fail(errc::knock_invalid);
  }
  return *proof;
}

base::result<knock> to_access_knock(const std::vector<std::string_view>& fields) {
  HTTVPS_TRY(const auto proof, parse_proof(fields[1]));
  return access_knock{.token = std::string(fields[0]), .proof = proof};
}

base::result<knock> to_ticket_knock(const std::vector<std::string_view>& fields) {
  const auto key = public_key::from_base64url(fields[1]);
  if (!key) {
    return base::fail(errc::knock_invalid);
  }
  HTTVPS_TRY(const auto proof, parse_proof(fields[2]));
  return ticket_knock{.ticket = std::string(fields[0]), .device_key = *key, .proof = proof};
}

base::result<> check_proof(const public_key& device, const channel_binding& binding,
                           const signature& proof) {
  const auto message = bytes_to_sign(binding);
  if (!verify_signature(device, {.message = message, .proof = proof})) {
    return base::fail(errc::proof_invalid);
  }
  return {};
}

}

base::result<std::string> build_access_knock(std::string_view token, const signing_key& device,
                                             const channel_binding& binding) {
  return finish_cookie(std::string(token), device, binding);
}

base::result<std::string> build_ticket_knock(std::string_view ticket, const signing_key& device,
                                             const channel_binding& binding) {
  std::string cookie(ticket);
  cookie.append("~").append(device.public_part().to_base64url());
  return finish_cookie(std::move(cookie), device, binding);
}

base::result<knock> parse_knock(std::string_view cookie_value) {
  if (cookie_value.size() > knock_limit) {
    return base::fail(errc::too_long);
  }
  const auto fields = split_fields(cookie_value, ticket_fields);
  if (!fields || fields->front().empty()) {
    return base::fail(errc::knock_invalid);
  }
  switch (fields->size()) {
    case access_fields:
      return to_access_knock(*fields);
    case ticket_fields:
      return to_ticket_knock(*fields);
    default:
      return base::fail(errc::knock_invalid);
  }
}

base::result<verified_access> verify_knock(const access_knock& presented,
                                           const channel_binding& binding,
                                           const document_check& check) {
  HTTVPS_TRY(auto access, verify_access_token(presented.token, check));
  if (!access.claims.allows_gateway(binding.gateway_id)) {
    return base::fail(errc::wrong_gateway);
  }
  HTTVPS_CHECK(check_proof(access.claims.device_key, binding, presented.proof));
  return access;
}

base::result<verified_ticket> verify_knock(const ticket_knock& presented,
                                           const channel_binding& binding,
                                           const document_check& check) {
  HTTVPS_TRY(auto claims, verify_ticket(presented.ticket, check));
  if (claims.gateway_id != binding.gateway_id) {
    return base::fail(errc::wrong_gateway);
  }
  HTTVPS_CHECK(check_proof(presented.device_key, binding, presented.proof));
  return verified_ticket{.claims = std::move(claims), .device_key = presented.device_key};
}

}
