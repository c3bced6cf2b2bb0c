#pragma once

#include <deque>
#include <optional>

#include "gate/byte_ring.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::chaos {

enum class lane_end { fin, reset };

class lane {
 public:
  byte_ring& bytes() noexcept { return bytes_; }
  base::byte_count held() const noexcept { return bytes_.size(); }
  base::byte_count arrived() const noexcept { return arrived_; }
  base::byte_count carried() const noexcept { return carried_; }

  void hold_back_until(base::steady_time moment) noexcept { last_release_ = moment; }
  void push(base::byte_count size, base::steady_time release);
  void finish(lane_end end, base::steady_time release);
  bool is_finishing() const noexcept { return end_.has_value(); }

  base::byte_count due(base::steady_time now);
  void carry(base::byte_count size) noexcept;
  std::optional<base::steady_time> next_release() const noexcept;
  std::optional<lane_end> take_due_end(base::steady_time now) noexcept;
  bool is_over() const noexcept { return over_; }
  void drop() noexcept;

 private:
  struct mark {
    base::byte_count size;
    base::steady_time release;
  };
  base::steady_time in_order(base::steady_time release) noexcept;

  byte_ring bytes_;
  std::deque<mark> marks_;
  base::byte_count released_ = 0;
  base::byte_count arrived_ = 0;
  base::byte_count carried_ = 0;
  base::steady_time last_release_{};
  std::optional<lane_end> end_;
  base::steady_time end_release_{};
  bool over_ = false;
};

}
