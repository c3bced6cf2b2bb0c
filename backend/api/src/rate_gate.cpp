#include "rate_gate.hpp"

#include <fmt/format.h>

#include <cmath>

namespace httvps::backend::api {

rate_notice rate_gate::notice_of(const rate_verdict& verdict) const {
  const auto limit = limiter_->limit();
  return {
      .policy = fmt::format(R"("{}";q={:.0f};w={:.0f})", name_, limit.burst,
                            std::ceil(limit.burst / limit.per_second)),
      .state = fmt::format(R"("{}";r={};t={})", name_, verdict.left, verdict.retry_after.count())};
}

shared::bucket_order rate_gate::order_of(std::string_view who) const {
  const auto limit = limiter_->limit();
  return {.policy = name_, .who = who, .burst = limit.burst, .per_second = limit.per_second};
}

rate_verdict rate_gate::take(std::string_view who) const {
  if (buckets_ != nullptr) {
    if (const auto level = buckets_->take(order_of(who))) {
      return level->is_admitted ? limiter_->admission_at(level->tokens)
                                : limiter_->refusal_at(level->tokens);
    }
  }
  return limiter_->take(who);
}

void rate_gate::give_back(std::string_view who) const {
  if (buckets_ == nullptr || !buckets_->give_back(order_of(who))) {
    limiter_->give_back(who);
  }
}

answer<rate_notice> rate_gate::admit(std::string_view who) const {
  const auto verdict = take(who);
  auto notice = notice_of(verdict);
  if (verdict.admitted) {
    return notice;
  }
  auto refused = problems::rate_limited();
  refused.retry_after = verdict.retry_after;
  refused.headers.add("RateLimit-Policy", std::move(notice.policy));
  refused.headers.add("RateLimit", std::move(notice.state));
  return std::unexpected(std::move(refused));
}

}
