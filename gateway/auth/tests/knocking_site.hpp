#pragma once

#include <chrono>
#include <string>

#include "httvps/base/random.hpp"
#include "httvps/gateway/auth/recognizer.hpp"
#include "httvps/gateway/auth/revoked_devices.hpp"
#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/knock.hpp"

namespace httvps::gateway {

inline const base::system_time test_now = base::from_unix_seconds(1'800'000'000);

inline identity::signing_key numbered_key(std::uint64_t number) {
  base::seeded_random random(number);
  return identity::signing_key::generate(random);
}

inline tls_facts connection(std::uint8_t filler) {
  tls_facts facts{.version = tls_version::tls_1_3, .exporter = {}};
  facts.exporter.fill(filler);
  return facts;
}

struct knocking_site {
  identity::signing_key root = numbered_key(1);
  identity::signing_key signer = numbered_key(2);
  identity::signing_key device = numbered_key(3);
  identity::key_set keys =
      identity::key_set::verify(
          identity::sign_document(
              root, identity::key_set_claims{.version = 1,
                                             .not_after = test_now + identity::key_set_lifetime,
                                             .keys = {signer.public_part()}})
              .value(),
          {.root = root.public_part(), .now = test_now})
          .value();
  validation_cache validated{8};
  revoked_devices revoked{8};
  own_marks marks{.gateway_id = "gw_one", .path = "/assets/3f9a", .cookie = "sid_7c1e"};
  recognizer door{marks, {.validated = validated, .revoked = revoked}};

  identity::access_claims access() const {
    return {.device_id = "dev_one",
            .subscription_id = "sub_one",
            .device_key = device.public_part(),
            .gateways = {"gw_one", "gw_two"},
            .region = "eu",
            .plan = {.session_limit = 2},
            .issued = test_now,
            .expires = test_now + identity::access_token_lifetime};
  }

  identity::ticket_claims ticket() const {
    return {.ticket_id = "tkt_one",
            .user_id = "usr_one",
            .gateway_id = "gw_one",
            .expires = test_now + std::chrono::hours(24),
            .uses = 1};
  }

  std::string access_token() const { return identity::sign_document(signer, access()).value(); }
  std::string ticket_token() const { return identity::sign_document(signer, ticket()).value(); }

  identity::channel_binding binding(const tls_facts& tls) const {
    return {.gateway_id = marks.gateway_id, .exporter = tls.exporter};
  }

  std::string access_cookie(const tls_facts& tls) const {
    return marks.cookie + "=" +
           identity::build_access_knock(access_token(), device, binding(tls)).value();
  }

  std::string ticket_cookie(const tls_facts& tls) const {
    return marks.cookie + "=" +
           identity::build_ticket_knock(ticket_token(), device, binding(tls)).value();
  }

  carrier_request upgrade_with(std::string_view cookie_header) const {
    return {.path = marks.path,
            .cookie_header = cookie_header,
            .upgrade = websocket_upgrade::well_formed};
  }

  recognition_moment moment(std::chrono::seconds later = std::chrono::seconds(0)) const {
    return {.keys = keys, .now = test_now + later};
  }

  void validate_device(base::system_time now) {
    validated.record({.device_id = "dev_one",
                      .subscription_id = "sub_one",
                      .policy = {.session_limit = 2},
                      .validated_at = now});
  }
};

inline std::string outcome_of(const recognition& outcome) {
  if (const auto* refused = std::get_if<not_ours>(&outcome)) {
    return std::string(base::label_of(refused->reason));
  }
  if (const auto* carrier = std::get_if<device_carrier>(&outcome)) {
    constexpr std::string_view graces[] = {"device", "device in live session", "device offline"};
    return std::string(graces[static_cast<std::size_t>(carrier->grace)]);
  }
  return std::holds_alternative<ticket_admission>(std::get<control_carrier>(outcome).holder)
             ? "control by ticket"
             : "control by expired token";
}

}
