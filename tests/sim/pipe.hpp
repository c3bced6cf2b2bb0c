#pragma once

#include <functional>

#include "httvps/base/bytes.hpp"
#include "scenario.hpp"
#include "timeline.hpp"

namespace httvps::sim {

class pipe {
 public:
  struct ends {
    std::function<void(base::byte_view)> to;
    std::function<void()> room;
  };

  pipe(timeline& time, path_quality quality, base::random_source& random, ends where)
      : time_(time), quality_(quality), random_(random), ends_(std::move(where)) {}

  bool writable() const noexcept { return travelling_ < quality_.capacity; }
  bool frozen() const noexcept { return frozen_; }
  void push(base::byte_vector bytes);
  base::steady_time close();
  base::steady_time cut();
  void freeze() noexcept { frozen_ = true; }

 private:
  void arrive(std::uint64_t ticket, const base::byte_vector& bytes);

  timeline& time_;
  path_quality quality_;
  base::random_source& random_;
  ends ends_;
  byte_count travelling_ = 0;
  base::steady_time line_free_at_{};
  base::steady_time last_arrival_{};
  std::uint64_t sent_ = 0;
  std::uint64_t arrived_ = 0;
  std::uint64_t last_ticket_ = UINT64_MAX;
  std::size_t bytes_of_last_ = SIZE_MAX;
  bool closed_ = false;
  bool frozen_ = false;
};

}
