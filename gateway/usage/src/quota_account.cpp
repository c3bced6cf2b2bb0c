#include "httvps/gateway/usage/quota_account.hpp"

#include <algorithm>

namespace httvps::gateway {

base::byte_count quota_account::left() const noexcept {
  const auto limit = allowed();
  const auto spent = used();
  return limit > spent ? limit - spent : 0;
}

base::byte_count quota_account::take_up_to(base::byte_count wanted) noexcept {
  auto spent = used_.load(std::memory_order_relaxed);
  while (true) {
    const auto limit = allowed();
    const auto room = limit > spent ? limit - spent : 0;
    const auto taken = std::min(wanted, room);
    if (taken == 0 ||
        used_.compare_exchange_weak(spent, spent + taken, std::memory_order_relaxed)) {
      return taken;
    }
  }
}

bool quota_account::take(base::byte_count whole) noexcept {
  auto spent = used_.load(std::memory_order_relaxed);
  while (true) {
    const auto limit = allowed();
    if (spent > limit || limit - spent < whole) {
      return false;
    }
    if (used_.compare_exchange_weak(spent, spent + whole, std::memory_order_relaxed)) {
      return true;
    }
  }
}

void quota_account::give_back(base::byte_count unused) noexcept {
  auto spent = used_.load(std::memory_order_relaxed);
  while (!used_.compare_exchange_weak(spent, spent - std::min(spent, unused),
                                      std::memory_order_relaxed)) {
  }
}

void quota_account::charge(base::byte_count passed) noexcept {
  used_.fetch_add(passed, std::memory_order_relaxed);
}

void quota_account::bind() noexcept {
  allow(0);
  reopen();
  metered_.store(true, std::memory_order_release);
}

void quota_account::allow(base::byte_count total) noexcept {
  allowed_.store(total, std::memory_order_relaxed);
}

}
