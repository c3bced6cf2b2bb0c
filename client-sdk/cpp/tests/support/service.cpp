#include "service.hpp"

namespace httvps::sdk::testing {

identity::signing_key numbered_key(std::uint64_t number) {
  base::seeded_random random(number);
  return identity::signing_key::generate(random);
}

identity::gateway_entry service::default_gateway() {
  identity::spki_pin pin{};
  pin.fill(0x11);
  return {.id = "gw_one",
          .host = "gateway.test",
          .addresses = {"127.0.0.1:443"},
          .pins = {pin},
          .path = "/assets/app-3f9a",
          .cookie = "sid_7c1e"};
}

std::string service::key_set() const {
  return identity::sign_document(
             root, identity::key_set_claims{.version = key_set_version,
                                            .not_after = now + identity::key_set_lifetime,
                                            .keys = {signer.public_part()}})
      .value();
}

std::string service::token_for(const identity::public_key& key) const {
  return identity::sign_document(
             signer, identity::access_claims{.device_id = device_id,
                                             .subscription_id = "sub_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                             .device_key = key,
                                             .gateways = {std::string(identity::every_gateway)},
                                             .region = "eu",
                                             .plan = {},
                                             .issued = now,
                                             .expires = now + token_life})
      .value();
}

std::string service::config() const {
  return identity::sign_document(signer, identity::config_claims{.version = config_version,
                                                                 .issued = now,
                                                                 .not_after = now + config_life,
                                                                 .gateways = gateways})
      .value();
}

std::string service::policy(std::uint64_t version, const identity::traffic_shape& shape) const {
  return identity::sign_document(
             signer, identity::policy_claims{.version = version, .issued = now, .shape = shape})
      .value();
}

std::string service::ticket() const {
  return identity::sign_document(
             signer, identity::ticket_claims{.ticket_id = "tkt_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                             .user_id = "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                             .gateway_id = gateways.front().id,
                                             .expires = now + std::chrono::hours(24)})
      .value();
}

enrolment_record service::record() const {
  return {.root = root.public_part(),
          .key_set = key_set(),
          .config = config(),
          .token = base::secret_bytes::from_text(token()),
          .device_id = device_id,
          .name = "laptop"};
}

identity::enrolment_link service::link() const {
  return {.shown_address = "gateway.test:443",
          .root = root.public_part(),
          .key_set = key_set(),
          .config = config(),
          .ticket = ticket()};
}

}
