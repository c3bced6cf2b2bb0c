#pragma once

#include <chrono>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/enrolment_link.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/knock.hpp"

namespace httvps::identity {

inline const base::system_time test_now = base::from_unix_seconds(1'800'000'000);

inline signing_key numbered_key(std::uint64_t number) {
  base::seeded_random random(number);
  return signing_key::generate(random);
}

struct deployment {
  signing_key root = numbered_key(101);
  signing_key signer = numbered_key(102);
  signing_key device = numbered_key(103);
  signing_key stranger = numbered_key(104);
  key_set keys =
      key_set::verify(key_set_token(1), {.root = root.public_part(), .now = test_now}).value();

  std::string key_set_token(std::uint64_t version) const {
    return sign_document(root, key_set_claims{.version = version,
                                              .not_after = test_now + key_set_lifetime,
                                              .keys = {signer.public_part()}})
        .value();
  }

  access_claims access() const {
    return {.device_id = "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            .subscription_id = "sub_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            .device_key = device.public_part(),
            .gateways = {"gw_one", "gw_two"},
            .region = "eu",
            .plan = {.session_limit = 3, .up_bps = 1'000'000, .down_bps = std::nullopt},
            .issued = test_now,
            .expires = test_now + access_token_lifetime};
  }

  ticket_claims ticket() const {
    return {.ticket_id = "tkt_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            .user_id = "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            .gateway_id = "gw_one",
            .expires = test_now + std::chrono::hours(24),
            .uses = 1};
  }

  config_claims config() const {
    spki_pin first{};
    spki_pin second{};
    second.fill(0xee);
    return {.version = 1,
            .issued = test_now,
            .not_after = test_now + std::chrono::hours(24),
            .gateways = {{.id = "gw_one",
                          .host = "www.example.com",
                          .addresses = {"192.0.2.1:443", "[2001:db8::1]:443"},
                          .pins = {first, second},
                          .path = "/assets/app-3f9a",
                          .cookie = "sid_7c1e"}}};
  }

  std::string access_token() const { return sign_document(signer, access()).value(); }
  std::string ticket_token() const { return sign_document(signer, ticket()).value(); }
  std::string config_token() const { return sign_document(signer, config()).value(); }

  enrolment_link link() const {
    return {.shown_address = "www.example.com:443",
            .root = root.public_part(),
            .key_set = key_set_token(1),
            .config = config_token(),
            .ticket = ticket_token()};
  }

  document_check check(std::chrono::seconds later = std::chrono::seconds(0)) const {
    return {.keys = keys, .now = test_now + later};
  }
};

inline channel_binding binding_to(const std::string& gateway_id, std::uint8_t filler = 7) {
  channel_binding binding{.gateway_id = gateway_id, .exporter = {}};
  binding.exporter.fill(filler);
  return binding;
}

}
