#include "gateway/support/deployment.hpp"

#include "httvps/base/random.hpp"

namespace httvps::testing {
namespace {

base::system_time now() {
  return base::real_clock().system_now();
}

identity::signing_key fresh_key() {
  return identity::signing_key::generate(base::secure_random());
}

}

test_device make_device(const std::string& id) {
  return {.id = id, .key = fresh_key()};
}

deployment::deployment() : root_(fresh_key()) {
  signers_.push_back(fresh_key());
}

void deployment::rotate() {
  signers_.push_back(fresh_key());
  ++version_;
}

std::string deployment::key_set(std::chrono::seconds lasts) const {
  identity::key_set_claims claims{.version = version_, .not_after = now() + lasts, .keys = {}};
  for (const auto& each : signers_) {
    claims.keys.push_back(each.public_part());
  }
  return identity::sign_document(root_, claims).value();
}

std::string deployment::policy(std::uint64_t version) const {
  return identity::sign_document(signers_.front(),
                                 identity::policy_claims{.version = version, .issued = now()})
      .value();
}

identity::access_claims deployment::claims_for(const test_device& device,
                                               const token_terms& terms) const {
  const auto expires = now() - terms.expired_for;
  return {.device_id = device.id,
          .subscription_id = "sub_test",
          .device_key = device.key.public_part(),
          .gateways = terms.gateways,
          .region = "default",
          .plan = {.session_limit = 4},
          .issued = expires - identity::access_token_lifetime,
          .expires = expires};
}

std::string deployment::token_for(const test_device& device, const token_terms& terms) const {
  return identity::sign_document(signers_.back(), claims_for(device, terms)).value();
}

std::string deployment::forged_token_for(const test_device& device) const {
  auto token = token_for(device);
  const auto middle = token.size() / 3;
  token[middle] = token[middle] == 'A' ? 'B' : 'A';
  return token;
}

std::string deployment::ticket(std::chrono::seconds lasts) const {
  const identity::ticket_claims claims{.ticket_id = "tkt_test",
                                       .user_id = "usr_test",
                                       .gateway_id = gateway_id,
                                       .expires = now() + lasts,
                                       .uses = 1};
  return identity::sign_document(signers_.back(), claims).value();
}

base::result<identity::verified_access> deployment::verify(const std::string& token) const {
  HTTVPS_TRY(const auto keys, identity::key_set::verify(key_set(), {.root = root(), .now = now()}));
  return identity::verify_access_token(
      token, {.keys = keys, .now = now(), .grace = identity::expiry_grace::renewal()});
}

}
