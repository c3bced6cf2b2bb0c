#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/gateway/state/grant_memory.hpp"
#include "httvps/gateway/usage/quota_memory.hpp"
#include "httvps/identity/key_set.hpp"

namespace httvps::gateway {

inline constexpr std::chrono::seconds offline_time_most = std::chrono::hours(24);
inline constexpr std::size_t state_content_most = 64 * base::mebibyte;

struct gateway_state {
  std::uint64_t sequence = 0;
  base::system_time saved_at;
  base::system_time heard_at;
  bool approved = false;
  std::shared_ptr<const published_config> config;
  std::vector<quota_memory> quotas = {};
  std::vector<granted_node> nodes = {};
  std::vector<validation_cache::kept_device> devices = {};
  std::vector<grant_memory::kept_grant> grants = {};
};

base::result<base::secret_bytes> encode_state(const gateway_state& state,
                                              std::size_t most = state_content_most);
base::result<gateway_state> decode_state(base::byte_view content);

struct state_demands {
  identity::public_key root;
  base::system_time now;
  std::uint64_t least_key_set_version = 0;
  std::uint64_t least_revocation_version = 0;
  bool approved = true;
};

base::result<> judge_state(const gateway_state& state, const state_demands& demands);

}
