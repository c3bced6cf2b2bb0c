#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "httvps/backend/models/usage.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::api {

inline constexpr std::string_view unknown_region = "none";

class usage_meter {
 public:
  explicit usage_meter(base::metric_registry& metrics) : metrics_(metrics) {}

  void count(std::string_view region, const models::traffic& added);

 private:
  struct series {
    base::counter up;
    base::counter down;
  };

  series series_of(const std::string& region);
  base::counter counter_of(const std::string& region, std::string direction);

  base::metric_registry& metrics_;
  std::mutex mutex_;
  std::map<std::string, series> by_region_;
};

}
