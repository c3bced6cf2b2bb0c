#pragma once

#include "httvps/backend/services/seen_proofs.hpp"
#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_proofs_forgotten = 5000;
inline constexpr int most_forgetting_rounds = 40;

struct proof_showing {
  const identity::signature& proof;
  base::system_time now;
  std::string_view attempt = {};
};

base::result<seen_proofs::outcome> note_shared_proof(store& storage, const proof_showing& showing);
base::result<std::uint64_t> forget_shared_proofs(store& storage, base::system_time now);

}
