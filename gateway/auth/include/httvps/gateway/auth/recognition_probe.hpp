#pragma once

#include <functional>
#include <map>
#include <string>

#include "httvps/base/metrics.hpp"
#include "httvps/gateway/auth/recognizer.hpp"

namespace httvps::gateway {

class recognition_probe {
 public:
  explicit recognition_probe(base::metric_registry& registry);
  void count(const recognition& outcome);

 private:
  std::map<std::string, base::counter, std::less<>> refused_;
  std::map<std::string, base::counter, std::less<>> recognised_;
  base::counter refused_otherwise_;
};

}
