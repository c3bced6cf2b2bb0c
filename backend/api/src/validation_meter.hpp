#pragma once

#include <map>
#include <string>
#include <string_view>

#include "httvps/backend/services/validation_service.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::api {

inline constexpr std::string_view no_code = "none";
inline constexpr std::string_view other_code = "other";

class validation_meter {
 public:
  explicit validation_meter(base::metric_registry& metrics);

  void count(const base::result<services::validation_outcome>& result) const;

 private:
  using code_counters = std::map<std::string, base::counter, std::less<>>;

  base::counter allowed_;
  code_counters denied_;
  code_counters failed_;
};

}
