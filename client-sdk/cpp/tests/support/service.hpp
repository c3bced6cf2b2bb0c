#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/enrolment_link.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/sdk/state_store.hpp"

namespace httvps::sdk::testing {

identity::signing_key numbered_key(std::uint64_t number);

struct service {
  base::system_time now;
  identity::signing_key root = numbered_key(1);
  identity::signing_key signer = numbered_key(2);
  identity::signing_key device = numbered_key(3);
  std::vector<identity::gateway_entry> gateways = {default_gateway()};
  std::chrono::seconds token_life = identity::access_token_lifetime;
  std::chrono::seconds config_life = std::chrono::hours(24);
  std::uint64_t config_version = 1;
  std::uint64_t key_set_version = 1;

  static identity::gateway_entry default_gateway();

  std::string key_set() const;
  std::string token_for(const identity::public_key& key) const;
  std::string token() const { return token_for(device.public_part()); }
  std::string config() const;
  std::string policy(std::uint64_t version, const identity::traffic_shape& shape = {}) const;
  std::string ticket() const;
  enrolment_record record() const;
  identity::enrolment_link link() const;
};

inline constexpr const char* device_id = "dev_aaaaaaaaaaaaaaaaaaaaaaaaaa";

}
