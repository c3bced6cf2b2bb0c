#pragma once

#include <memory>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/shared/memory_sessions.hpp"
#include "httvps/backend/shared/redis_sessions.hpp"
#include "httvps/backend/shared/token_buckets.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::backend::core {

struct shared_state {
  shared_state(const backend_settings& chosen, base::secret_bytes name_key,
               const shared::redis_surroundings& around);

  shared::token_buckets* buckets() noexcept { return redis ? &*redis_buckets : nullptr; }

  shared::live_sessions& live() noexcept;

  shared::key_names names;
  shared::memory_sessions memory_sessions;
  std::optional<shared::redis_client> redis;
  std::optional<shared::redis_buckets> redis_buckets;
  std::optional<shared::redis_sessions> redis_sessions;
};

base::secret_bytes name_key_of(const identity::signing_key& root);

}
