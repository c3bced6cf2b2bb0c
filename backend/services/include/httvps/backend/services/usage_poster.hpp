#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_waiting_batches = 256;
inline constexpr std::size_t batches_a_sweep = 1024;
inline constexpr std::chrono::seconds left_behind_after{2};

struct posted_usage {
  std::uint32_t batches = 0;
  std::uint32_t quarantined = 0;
  std::uint32_t went_down = 0;
  models::traffic added;
  std::string region = {};
};

class posting_queue {
 public:
  explicit posting_queue(std::size_t most = most_waiting_batches) noexcept : most_(most) {}
  posting_queue(const posting_queue&) = delete;
  posting_queue& operator=(const posting_queue&) = delete;
  ~posting_queue() = default;

  bool add(batch_name name);
  std::optional<batch_name> take();
  std::size_t size() const;

 private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<batch_name> waiting_;
};

class usage_poster {
 public:
  using observer = std::function<void(const posted_usage&)>;

  explicit usage_poster(const service_tools& tools) : tools_(tools) {}

  void follow(observer posted) { posted_ = std::move(posted); }
  std::size_t waiting() const;
  std::size_t unfinished() const { return waiting() + under_way_; }
  base::result<> post_next() const;
  base::result<> post_waiting(base::steady_time until) const;
  base::result<> sweep(std::chrono::seconds older_than = left_behind_after) const;

 private:
  base::result<> post(const batch_name& name) const;

  service_tools tools_;
  observer posted_;
  mutable std::atomic<std::size_t> under_way_ = 0;
};

base::result<posted_usage> post_batch(const service_tools& tools, const batch_name& name);

}
