#include "httvps/gateway/auth/recognizer.hpp"

#include "cookie_header.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {
namespace {

using identity::expiry_grace;

bool is_same_secret(std::string_view left, std::string_view right) {
  return base::equal_in_constant_time(base::as_bytes(left), base::as_bytes(right));
}

}

recognizer::recognizer(own_marks marks, standing devices)
    : marks_(std::move(marks)), devices_(devices) {}

recognition recognizer::recognize(const carrier_request& request, const tls_facts& tls,
                                  const recognition_moment& moment) const {
  const auto cookie = find_knock(request, tls);
  if (!cookie) {
    return not_ours{cookie.error()};
  }
  const auto presented = identity::parse_knock(*cookie);
  if (!presented) {
    return not_ours{presented.error()};
  }
  const identity::channel_binding binding{.gateway_id = marks_.gateway_id,
                                          .exporter = tls.exporter};
  return std::visit([&](const auto& kind) { return admit(kind, binding, moment); }, *presented);
}

base::result<std::string_view> recognizer::find_knock(const carrier_request& request,
                                                      const tls_facts& tls) const {
  if (tls.version != tls_version::tls_1_3) {
    return base::fail(auth_errc::tls_too_old);
  }
  if (!is_same_secret(request.path, marks_.path)) {
    return base::fail(auth_errc::other_path);
  }
  if (request.cookie_header.size() > cookie_header_limit) {
    return base::fail(auth_errc::cookie_header_too_long);
  }
  HTTVPS_TRY(const auto cookie, find_cookie(request.cookie_header, marks_.cookie));
  if (request.upgrade != websocket_upgrade::well_formed) {
    return base::fail(auth_errc::no_upgrade);
  }
  return cookie;
}

recognition recognizer::admit(const identity::access_knock& presented,
                              const identity::channel_binding& binding,
                              const recognition_moment& moment) const {
  auto access = identity::verify_knock(
      presented, binding,
      {.keys = moment.keys, .now = moment.now, .grace = expiry_grace::renewal()});
  if (!access) {
    return not_ours{access.error()};
  }
  if (devices_.revoked.find(access->claims.device_id) == withdrawal::revoked) {
    return not_ours{auth_errc::device_revoked};
  }
  return grade(std::move(*access), presented.token, moment);
}

recognition recognizer::admit(const identity::ticket_knock& presented,
                              const identity::channel_binding& binding,
                              const recognition_moment& moment) const {
  auto ticket =
      identity::verify_knock(presented, binding, {.keys = moment.keys, .now = moment.now});
  if (!ticket) {
    return not_ours{ticket.error()};
  }
  return control_carrier{.holder = ticket_admission{.claims = std::move(ticket->claims),
                                                    .device_key = ticket->device_key},
                         .token = presented.ticket};
}

recognition recognizer::grade(identity::verified_access access, std::string token,
                              const recognition_moment& moment) const {
  const auto late = access.expired_since;
  if (access.signer == identity::key_standing::retired) {
    return control_carrier{.holder = std::move(access.claims), .token = std::move(token)};
  }
  const auto as_device = [&](token_grace grace) {
    return device_carrier{
        .claims = std::move(access.claims), .token = std::move(token), .grace = grace};
  };
  if (late == std::chrono::seconds(0)) {
    return as_device(token_grace::none);
  }
  if (late <= expiry_grace::offline(moment.without_backend).length() &&
      devices_.validated.was_validated(access.claims.device_id, moment.now)) {
    return as_device(token_grace::offline);
  }
  if (late <= expiry_grace::live_session().length()) {
    return as_device(token_grace::live_session);
  }
  return control_carrier{.holder = std::move(access.claims), .token = std::move(token)};
}

}
