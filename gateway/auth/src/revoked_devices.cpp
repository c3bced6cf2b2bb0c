#include "httvps/gateway/auth/revoked_devices.hpp"

#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {

base::result<> revoked_devices::add(const device_withdrawal& device) {
  if (const auto known = devices_.find(device.device_id); known != devices_.end()) {
    known->second = device.how;
    return {};
  }
  if (devices_.size() >= limit_) {
    return base::fail(auth_errc::revocations_full);
  }
  devices_.emplace(device.device_id, device.how);
  return {};
}

void revoked_devices::remove(std::string_view device_id) {
  if (const auto found = devices_.find(device_id); found != devices_.end()) {
    devices_.erase(found);
  }
}

base::result<> revoked_devices::replace(std::span<const device_withdrawal> devices) {
  devices_.clear();
  for (const auto& each : devices) {
    HTTVPS_CHECK(add(each));
  }
  return {};
}

std::optional<withdrawal> revoked_devices::find(std::string_view device_id) const {
  const auto found = devices_.find(device_id);
  return found == devices_.end() ? std::nullopt : std::optional(found->second);
}

}
