#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "httvps/base/clock.hpp"

namespace httvps::sim {

class timeline {
 public:
  using action = std::function<void()>;

  base::steady_time now() const noexcept { return now_; }
  void at(base::steady_time when, action what);
  void after(base::duration delay, action what) { at(now_ + delay, std::move(what)); }
  bool run_next();
  std::size_t steps_at_this_moment() const noexcept { return steps_; }

 private:
  struct entry {
    base::steady_time when;
    std::uint64_t order = 0;
    action what;
  };
  struct later {
    bool operator()(const entry& left, const entry& right) const {
      return left.when != right.when ? left.when > right.when : left.order > right.order;
    }
  };

  std::priority_queue<entry, std::vector<entry>, later> entries_;
  base::steady_time now_{std::chrono::hours(1)};
  std::uint64_t order_ = 0;
  std::size_t steps_ = 0;
};

}
