#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "httvps/backend/api/problem.hpp"
#include "httvps/backend/api/rate_limiter.hpp"
#include "httvps/backend/shared/token_buckets.hpp"

namespace httvps::backend::api {

struct rate_notice {
  std::string policy;
  std::string state;
};

struct rate_means {
  const base::clock& clock;
  shared::token_buckets* buckets = nullptr;
};

class rate_gate {
 public:
  rate_gate(std::string name, const rate_limit& chosen, const rate_means& means)
      : name_(std::move(name)),
        limiter_(std::make_unique<rate_limiter>(chosen, means.clock)),
        buckets_(means.buckets) {}

  answer<rate_notice> admit(std::string_view who) const;
  void give_back(std::string_view who) const;
  void use(const rate_limit& chosen) const { limiter_->use(chosen); }

 private:
  shared::bucket_order order_of(std::string_view who) const;
  rate_verdict take(std::string_view who) const;
  rate_notice notice_of(const rate_verdict& verdict) const;

  std::string name_;
  std::unique_ptr<rate_limiter> limiter_;
  shared::token_buckets* buckets_;
};

}
