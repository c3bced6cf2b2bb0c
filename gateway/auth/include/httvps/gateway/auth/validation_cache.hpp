#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/gateway/auth/device_memory.hpp"
#include "httvps/gateway/auth/device_standing.hpp"
#include "httvps/identity/claims.hpp"

namespace httvps::gateway {

inline constexpr std::chrono::seconds validation_memory = std::chrono::hours(24 * 7);
inline constexpr std::size_t validated_devices_most = 100'000;

struct remembered_quota {
  std::uint64_t remaining = 0;
  std::uint64_t offline_bytes = 0;

  bool operator==(const remembered_quota&) const = default;
};

struct validated_device {
  std::string device_id;
  std::string subscription_id;
  identity::plan_limits policy;
  std::optional<remembered_quota> quota = {};
  std::string plan_id = {};
  std::optional<base::system_time> ends_at = {};
  base::system_time validated_at;

  bool operator==(const validated_device&) const = default;
};

struct validation_cache_metrics {
  base::gauge entries = {};
  base::counter evictions = {};
};

class validation_cache final : public validation_history {
 public:
  using kept_device = std::shared_ptr<const validated_device>;

  explicit validation_cache(std::size_t limit, validation_cache_metrics metrics = {});
  validation_cache(const validation_cache&) = delete;
  validation_cache& operator=(const validation_cache&) = delete;
  ~validation_cache() override;

  void record(validated_device device);
  void forget(std::string_view device_id);
  void forget_older_than_memory(base::system_time now);
  std::optional<validated_device> find(std::string_view device_id, base::system_time now) const;
  bool was_validated(std::string_view device_id, base::system_time now) const override;
  std::vector<kept_device> newest_first() const { return devices_.newest_first(); }
  std::size_t size() const { return devices_.size(); }
  std::uint64_t revision() const { return devices_.revision(); }

 private:
  kept_device find_kept(std::string_view device_id, base::system_time now) const;

  device_memory<validated_device> devices_;
  validation_cache_metrics metrics_;
};

}
