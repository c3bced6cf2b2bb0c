#pragma once

#include <string>
#include <string_view>

#include "httvps/backend/api/problem.hpp"
#include "httvps/base/metrics.hpp"
#include "rate_gate.hpp"

namespace httvps::backend::api {

struct attempt_metric {
  std::string name;
  std::string help;
  std::string success;
};

class attempt_desk {
 public:
  attempt_desk(rate_gate addresses, rate_gate subjects, base::metric_registry& metrics,
               const attempt_metric& named);

  answer<void> admit(const std::string& address, std::string_view subject);
  void note_refusal();
  void note_success(const std::string& address, std::string_view subject);

 private:
  rate_gate addresses_;
  rate_gate subjects_;
  base::counter succeeded_;
  base::counter refused_;
  base::counter throttled_;
};

}
