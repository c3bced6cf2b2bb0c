#include "httvps/backend/services/shared_proofs.hpp"

#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {

base::result<seen_proofs::outcome> note_shared_proof(store& storage, const proof_showing& showing) {
  if (storage.schema_version() < replica_schema) {
    return seen_proofs::outcome::fresh;
  }
  const shown_proof shown{.proof = base::to_base64url(showing.proof),
                          .known_until = showing.now + seen_proof_memory,
                          .attempt = std::string(showing.attempt)};
  HTTVPS_TRY(const bool is_fresh, write_to(storage, [&](repositories& tables) {
               return tables.seen_proofs.note(shown);
             }));
  return is_fresh ? seen_proofs::outcome::fresh : seen_proofs::outcome::replayed;
}

base::result<std::uint64_t> forget_shared_proofs(store& storage, base::system_time now) {
  std::uint64_t forgotten = 0;
  if (storage.schema_version() < replica_schema) {
    return forgotten;
  }
  for (int round = 0; round < most_forgetting_rounds; ++round) {
    HTTVPS_TRY(const auto some, write_to(storage, [&](repositories& tables) {
                 return tables.seen_proofs.forget({.before = now, .most = most_proofs_forgotten});
               }));
    forgotten += some;
    if (some < most_proofs_forgotten) {
      break;
    }
  }
  return forgotten;
}

}
