#include "shared_state.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::string_view name_context = "httvps names of shared state 1";

}

shared_state::shared_state(const backend_settings& chosen, base::secret_bytes name_key,
                           const shared::redis_surroundings& around)
    : names(std::move(name_key)), memory_sessions(base::real_clock()) {
  if (chosen.redis) {
    redis.emplace(
        shared::redis_options{.address = *chosen.redis, .links = chosen.database_connections},
        around);
    redis_buckets.emplace(*redis, names);
    redis_sessions.emplace(*redis, names, memory_sessions);
  }
}

shared::live_sessions& shared_state::live() noexcept {
  if (redis) {
    return *redis_sessions;
  }
  return memory_sessions;
}

base::secret_bytes name_key_of(const identity::signing_key& root) {
  return base::secret_bytes(base::byte_view(root.sign(base::as_bytes(name_context))));
}

}
