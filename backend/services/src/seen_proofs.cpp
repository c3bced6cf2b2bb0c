#include "httvps/backend/services/seen_proofs.hpp"

namespace httvps::backend::services {

seen_proofs::outcome seen_proofs::note(const identity::signature& proof, base::system_time now,
                                       std::string_view attempt) {
  const std::lock_guard lock(mutex_);
  while (!by_age_.empty() && by_age_.front().until < now) {
    forget_oldest();
  }
  const auto [known, is_new] = known_.try_emplace(proof, attempt);
  if (!is_new) {
    const bool is_retry = !attempt.empty() && known->second == attempt;
    return is_retry ? outcome::fresh : outcome::replayed;
  }
  by_age_.push_back({.proof = proof, .until = now + seen_proof_memory});
  if (by_age_.size() > most_) {
    forget_oldest();
  }
  return outcome::fresh;
}

std::size_t seen_proofs::size() const {
  const std::lock_guard lock(mutex_);
  return by_age_.size();
}

void seen_proofs::forget_oldest() {
  known_.erase(by_age_.front().proof);
  by_age_.pop_front();
}

}
