#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "httvps/backend/api/problem.hpp"
#include "httvps/backend/api/rate_limiter.hpp"

namespace httvps::backend::api {

struct rate_notice {
  std::string policy;
  std::string state;
};

class rate_gate {
 public:
  rate_gate(std::string name, const rate_limit& chosen, const base::clock& clock)
      : name_(std::move(name)), limiter_(std::make_unique<rate_limiter>(chosen, clock)) {}

  answer<rate_notice> admit(std::string_view who) const;
  void give_back(std::string_view who) const { limiter_->give_back(who); }

 private:
  rate_notice notice_of(const rate_verdict& verdict) const;

  std::string name_;
  std::unique_ptr<rate_limiter> limiter_;
};

}
