#pragma once

#include <atomic>
#include <cstdint>

#include "httvps/base/bytes.hpp"
#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

inline constexpr base::byte_count lease_useless_below = 16'320;

class quota_account {
 public:
  quota_account() = default;
  quota_account(const quota_account&) = delete;
  quota_account& operator=(const quota_account&) = delete;

  base::byte_count take_up_to(base::byte_count wanted) noexcept;
  bool take(base::byte_count whole) noexcept;
  void give_back(base::byte_count unused) noexcept;
  void charge(base::byte_count passed) noexcept;

  void allow(base::byte_count total) noexcept;
  void bind() noexcept;
  void release() noexcept { metered_.store(false, std::memory_order_release); }
  void finish(lease_end why) noexcept {
    end_.store(why, std::memory_order_relaxed);
    final_.store(true, std::memory_order_release);
  }
  void reopen() noexcept { final_.store(false, std::memory_order_release); }

  base::byte_count used() const noexcept { return used_.load(std::memory_order_relaxed); }
  base::byte_count allowed() const noexcept { return allowed_.load(std::memory_order_relaxed); }
  base::byte_count left() const noexcept;
  bool is_metered() const noexcept { return metered_.load(std::memory_order_acquire); }
  bool is_final() const noexcept { return final_.load(std::memory_order_acquire); }
  lease_end end() const noexcept { return end_.load(std::memory_order_relaxed); }
  bool is_spent() const noexcept {
    return is_metered() && is_final() && left() < lease_useless_below;
  }

 private:
  std::atomic<base::byte_count> allowed_{0};
  std::atomic<base::byte_count> used_{0};
  std::atomic<bool> final_{false};
  std::atomic<lease_end> end_{lease_end::quota_exceeded};
  std::atomic<bool> metered_{true};
};

}
