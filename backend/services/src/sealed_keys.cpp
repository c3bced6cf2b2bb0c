#include "httvps/backend/services/sealed_keys.hpp"

namespace httvps::backend::services {

base::result<std::string> sealed_keys::find_or_make(
    const std::string& name, const std::function<base::result<std::string>()>& make) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = sealed_.find(name); found != sealed_.end()) {
      return found->second;
    }
  }
  HTTVPS_TRY(auto made, make());
  const std::lock_guard lock(mutex_);
  if (sealed_.size() >= most_) {
    sealed_.clear();
  }
  sealed_.insert_or_assign(name, made);
  return made;
}

std::size_t sealed_keys::size() const {
  const std::lock_guard lock(mutex_);
  return sealed_.size();
}

}
