#include "httvps/gateway/auth/validation_cache.hpp"

#include <utility>

namespace httvps::gateway {
namespace {

bool is_remembered(const validated_device& device, base::system_time now) {
  return now - device.validated_at <= validation_memory;
}

}

validation_cache::validation_cache(std::size_t limit, validation_cache_metrics metrics)
    : devices_(limit), metrics_(metrics) {}

validation_cache::~validation_cache() {
  metrics_.entries.add(-static_cast<std::int64_t>(devices_.size()));
}

void validation_cache::record(validated_device device) {
  switch (devices_.record(std::move(device))) {
    case remembering::added:
      metrics_.entries.add(1);
      return;
    case remembering::displaced_another:
      metrics_.evictions.add();
      return;
    case remembering::renewed:
    case remembering::nothing:
      return;
  }
}

void validation_cache::forget(std::string_view device_id) {
  if (devices_.forget(device_id)) {
    metrics_.entries.add(-1);
  }
}

void validation_cache::forget_older_than_memory(base::system_time now) {
  const auto is_over = [now](const validated_device& each) { return !is_remembered(each, now); };
  while (devices_.forget_oldest_if(is_over)) {
    metrics_.entries.add(-1);
  }
}

validation_cache::kept_device validation_cache::find_kept(std::string_view device_id,
                                                          base::system_time now) const {
  auto found = devices_.find(device_id);
  return found && is_remembered(*found, now) ? found : nullptr;
}

std::optional<validated_device> validation_cache::find(std::string_view device_id,
                                                       base::system_time now) const {
  const auto found = find_kept(device_id, now);
  return found ? std::optional(*found) : std::nullopt;
}

bool validation_cache::was_validated(std::string_view device_id, base::system_time now) const {
  return find_kept(device_id, now) != nullptr;
}

}
