#include "httvps/gateway/auth/revoked_devices.hpp"

#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {

base::result<> revoked_devices::add(std::string_view device_id) {
  if (contains(device_id)) {
    return {};
  }
  if (ids_.size() >= limit_) {
    return base::fail(auth_errc::revocations_full);
  }
  ids_.emplace(device_id);
  return {};
}

void revoked_devices::remove(std::string_view device_id) {
  if (const auto found = ids_.find(device_id); found != ids_.end()) {
    ids_.erase(found);
  }
}

base::result<> revoked_devices::replace(std::span<const std::string> device_ids) {
  ids_.clear();
  for (const auto& each : device_ids) {
    HTTVPS_CHECK(add(each));
  }
  return {};
}

bool revoked_devices::contains(std::string_view device_id) const {
  return ids_.contains(device_id);
}

}
