#include "throttle.hpp"

#include <algorithm>
#include <chrono>

namespace httvps::gateway {
namespace {

constexpr std::size_t batch_most = 64 * 1024;
constexpr base::duration least_wait = std::chrono::milliseconds(10);
constexpr base::duration quota_wait = std::chrono::milliseconds(25);
constexpr base::duration most_wait = std::chrono::milliseconds(250);

}

std::size_t throttle::count(std::size_t passed) {
  if (allowed_.quota) {
    allowed_.quota->charge(passed);
  }
  return passed;
}

std::size_t throttle::take_up(std::size_t wanted) {
  if (wanted == 0) {
    return 0;
  }
  if (allowed_.is_unlimited()) {
    return count(wanted);
  }
  if (allowed_.up && !allowed_.up->is_open(clock_.steady_now())) {
    lacked_.up = true;
    return 0;
  }
  const auto some = std::min(wanted, batch_most);
  if (!allowed_.is_metered()) {
    return count(some);
  }
  const auto taken = static_cast<std::size_t>(allowed_.quota->take_up_to(some));
  lacked_.quota = lacked_.quota || taken == 0;
  return taken;
}

bool throttle::take_down(std::size_t whole) {
  if (allowed_.down && !allowed_.down->is_open(clock_.steady_now())) {
    lacked_.down = true;
    return false;
  }
  if (!allowed_.is_metered()) {
    count(whole);
    return true;
  }
  const bool taken = allowed_.quota->take(whole);
  lacked_.quota = lacked_.quota || !taken;
  return taken;
}

void throttle::give_back(std::size_t unused) {
  if (allowed_.quota && unused > 0) {
    allowed_.quota->give_back(unused);
  }
}

void throttle::charge_up(std::size_t count) {
  if (allowed_.up) {
    allowed_.up->charge(count, clock_.steady_now());
  }
}

void throttle::charge_down(std::size_t count) {
  if (allowed_.down) {
    allowed_.down->charge(count, clock_.steady_now());
  }
}

void throttle::change(session_allowance allowed, std::size_t unsettled) {
  const auto moved = allowed.quota == allowed_.quota ? 0 : unsettled;
  give_back(moved);
  allowed_ = std::move(allowed);
  count(moved);
  lacked_ = {};
}

base::duration throttle::wait() const {
  const auto now = clock_.steady_now();
  auto shortest = lacked_.quota ? quota_wait : most_wait;
  if (lacked_.up) {
    shortest = std::min(shortest, allowed_.up->wait(now));
  }
  if (lacked_.down) {
    shortest = std::min(shortest, allowed_.down->wait(now));
  }
  return std::max(shortest, least_wait);
}

bool throttle::is_spent() const {
  return lacked_.quota && allowed_.quota->is_spent();
}

}
