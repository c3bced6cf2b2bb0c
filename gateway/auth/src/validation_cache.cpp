#include "httvps/gateway/auth/validation_cache.hpp"

namespace httvps::gateway {
namespace {

bool is_remembered(const validated_device& device, base::system_time now) {
  return now - device.validated_at <= validation_memory;
}

}

validation_cache::validation_cache(std::size_t limit, validation_cache_metrics metrics)
    : limit_(limit), metrics_(metrics) {}

validation_cache::~validation_cache() {
  metrics_.entries.add(-static_cast<std::int64_t>(places_.size()));
}

void validation_cache::record(validated_device device) {
  forget(device.device_id);
  if (limit_ == 0) {
    return;
  }
  if (places_.size() >= limit_) {
    erase(std::prev(newest_first_.end()));
    metrics_.evictions.add();
  }
  newest_first_.push_front(std::move(device));
  places_.emplace(newest_first_.front().device_id, newest_first_.begin());
  metrics_.entries.add(1);
}

void validation_cache::forget(std::string_view device_id) {
  const auto found = places_.find(device_id);
  if (found != places_.end()) {
    erase(found->second);
  }
}

void validation_cache::forget_older_than_memory(base::system_time now) {
  while (!newest_first_.empty() && !is_remembered(newest_first_.back(), now)) {
    erase(std::prev(newest_first_.end()));
  }
}

std::optional<validated_device> validation_cache::find(std::string_view device_id,
                                                       base::system_time now) const {
  const auto found = places_.find(device_id);
  if (found == places_.end() || !is_remembered(*found->second, now)) {
    return std::nullopt;
  }
  return *found->second;
}

bool validation_cache::was_validated(std::string_view device_id, base::system_time now) const {
  return find(device_id, now).has_value();
}

void validation_cache::erase(entry_list::iterator place) {
  places_.erase(place->device_id);
  newest_first_.erase(place);
  metrics_.entries.add(-1);
}

}
