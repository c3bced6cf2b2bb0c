#include "httvps/net/send_budget.hpp"

#include <algorithm>
#include <utility>

namespace httvps::net {
namespace {

constexpr auto committed_ahead = std::chrono::milliseconds(10);
constexpr auto least_period = std::chrono::milliseconds(20);
constexpr std::size_t worth_changing = 4;

}

void send_budget::note_writable(base::byte_count sent, base::steady_time now) noexcept {
  if (busy_ && now - busy_->since < least_period) {
    return;
  }
  if (busy_) {
    const auto periods = std::max<std::int64_t>((now - busy_->since) / committed_ahead, 1);
    adopt((sent - busy_->sent_before) / static_cast<base::byte_count>(periods));
  }
  busy_ = {.sent_before = sent, .since = now};
}

void send_budget::note_taken_whole() noexcept {
  if (!measured_) {
    bytes_ = std::min(2 * bytes_, send_budget_most);
  }
}

void send_budget::adopt(base::byte_count wanted) noexcept {
  const auto chosen = static_cast<std::size_t>(
      std::clamp<base::byte_count>(wanted, send_budget_least, send_budget_most));
  const auto change = chosen < bytes_ ? bytes_ - chosen : chosen - bytes_;
  const bool at_an_end = chosen == send_budget_least || chosen == send_budget_most;
  if (!std::exchange(measured_, true) || at_an_end || change >= bytes_ / worth_changing) {
    bytes_ = chosen;
  }
}

}
