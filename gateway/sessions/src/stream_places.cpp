#include "httvps/gateway/sessions/stream_places.hpp"

namespace httvps::gateway {

std::optional<stream_places::place> stream_places::take(const std::string& device_id) {
  if (taken_ >= limits_.most) {
    return std::nullopt;
  }
  const auto device = of_devices_.try_emplace(device_id, 0).first;
  if (device->second >= limits_.most_of_one_device) {
    return std::nullopt;
  }
  ++device->second;
  ++taken_;
  return place(*this, device);
}

stream_places::place::~place() {
  if (of_ == nullptr) {
    return;
  }
  --of_->taken_;
  if (--device_->second == 0) {
    of_->of_devices_.erase(device_);
  }
}

}
