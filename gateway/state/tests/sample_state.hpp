#pragma once

#include "httvps/gateway/state/gateway_state.hpp"
#include "httvps/identity/document.hpp"

namespace httvps::gateway::testing {

inline const base::system_time start = base::from_unix_seconds(1'800'000'000);

struct signing_root {
  identity::signing_key root = identity::signing_key::generate(base::secure_random());
  identity::signing_key signer = identity::signing_key::generate(base::secure_random());

  std::string key_set(std::uint64_t version,
                      base::system_time not_after = start + std::chrono::hours(48)) const {
    return identity::sign_document(root, identity::key_set_claims{.version = version,
                                                                  .not_after = not_after,
                                                                  .keys = {signer.public_part()}})
        .value();
  }
};

inline validated_device make_device(const std::string& id) {
  return {.device_id = id,
          .subscription_id = "sub_" + id,
          .policy = {.session_limit = 3, .up_bps = 1000, .down_bps = std::nullopt},
          .quota = remembered_quota{.remaining = 77, .offline_bytes = 33},
          .plan_id = "plan_one",
          .ends_at = start + std::chrono::hours(5),
          .validated_at = start - std::chrono::hours(1)};
}

inline gateway_state make_state(std::size_t devices = 3) {
  gateway_state state{.saved_at = start, .heard_at = start, .approved = true, .config = nullptr};
  published_config config{.approved = true, .path = "/p", .cookie = "c", .key_set = "k"};
  config.revocation_version = 9;
  config.draining = true;
  config.withdrawn_devices = {{.device_id = "dev_gone", .how = suspension::none},
                              {.device_id = "dev_held", .how = suspension::of_subscription}};
  state.config = std::make_shared<const published_config>(std::move(config));
  state.quotas = {{.subscription = "sub_dev_0", .remaining = 5, .offline_used = 4}};
  state.nodes = {{.node_id = "node_1",
                  .name = "orchard",
                  .access_url = base::secret_bytes::from_text("ss://secret-key@node")}};
  for (std::size_t at = 0; at < devices; ++at) {
    const auto id = "dev_" + std::to_string(at);
    state.devices.push_back(std::make_shared<const validated_device>(make_device(id)));
    state.grants.push_back(std::make_shared<const device_grant>(
        device_grant{.device_id = id, .offers = {{.node_id = "node_1", .weight = 12}}}));
  }
  return state;
}

}
