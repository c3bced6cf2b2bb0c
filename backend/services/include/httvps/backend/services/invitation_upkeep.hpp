#pragma once

#include <chrono>
#include <cstdint>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::days invitations_kept{90};
inline constexpr std::size_t most_invitations_forgotten = 1000;

struct forgotten_invitations {
  std::uint64_t tickets = 0;
  std::uint64_t join_tokens = 0;
};

base::result<forgotten_invitations> forget_invitations(store& storage, base::system_time now);

}
