#include "httvps/backend/api/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace httvps::backend::api {

double rate_limiter::filled(const bucket& one, base::steady_time now) const noexcept {
  const std::chrono::duration<double> rested = now - one.filled_at;
  return std::min(chosen_.burst, one.tokens + rested.count() * chosen_.per_second);
}

void rate_limiter::forget_rested(base::steady_time now) {
  std::erase_if(buckets_,
                [&](const auto& entry) { return filled(entry.second, now) >= chosen_.burst; });
}

rate_verdict rate_limiter::refusal_with(double tokens) const noexcept {
  const auto wait = std::ceil((1 - tokens) / chosen_.per_second);
  return {.retry_after =
              std::chrono::seconds(std::max(std::int64_t{1}, static_cast<std::int64_t>(wait)))};
}

rate_verdict rate_limiter::admission_at(double tokens) noexcept {
  return {.admitted = true, .left = static_cast<std::uint64_t>(tokens)};
}

rate_verdict rate_limiter::refusal_at(double tokens) const {
  const std::lock_guard lock(mutex_);
  return refusal_with(tokens);
}

rate_limit rate_limiter::limit() const {
  const std::lock_guard lock(mutex_);
  return chosen_;
}

void rate_limiter::use(const rate_limit& chosen) {
  const std::lock_guard lock(mutex_);
  chosen_ = chosen;
}

rate_verdict rate_limiter::take(std::string_view who) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  auto found = buckets_.find(std::string(who));
  if (found == buckets_.end()) {
    if (buckets_.size() >= chosen_.most_addresses) {
      forget_rested(now);
    }
    if (buckets_.size() >= chosen_.most_addresses) {
      return refusal_with(0);
    }
    found = buckets_.emplace(std::string(who), bucket{chosen_.burst, now}).first;
  }
  auto& one = found->second;
  one.tokens = filled(one, now);
  one.filled_at = now;
  if (one.tokens < 1) {
    return refusal_with(one.tokens);
  }
  one.tokens -= 1;
  return admission_at(one.tokens);
}

void rate_limiter::give_back(std::string_view who) {
  const std::lock_guard lock(mutex_);
  if (const auto found = buckets_.find(std::string(who)); found != buckets_.end()) {
    found->second.tokens = std::min(chosen_.burst, found->second.tokens + 1);
  }
}

std::size_t rate_limiter::addresses() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}
