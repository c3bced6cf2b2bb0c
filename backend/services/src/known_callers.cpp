#include "httvps/backend/services/known_callers.hpp"

#include <utility>

namespace httvps::backend::services {

std::optional<calling_gateway> known_callers::find(const std::string& hash,
                                                   const caller_moment& at) const {
  const std::lock_guard lock(mutex_);
  const auto found = callers_.find(hash);
  if (found == callers_.end()) {
    return std::nullopt;
  }
  const auto& learnt = found->second.learnt;
  const bool is_fresh = learnt.revision == at.revision && at.now - learnt.now < caller_memory;
  return is_fresh ? std::optional(found->second.caller) : std::nullopt;
}

void known_callers::keep(const std::string& hash, const caller_moment& at, calling_gateway caller) {
  const std::lock_guard lock(mutex_);
  if (callers_.size() >= most_ && !callers_.contains(hash)) {
    callers_.clear();
  }
  callers_.insert_or_assign(hash, known{.caller = std::move(caller), .learnt = at});
}

std::size_t known_callers::size() const {
  const std::lock_guard lock(mutex_);
  return callers_.size();
}

}
