#include "timeline.hpp"

#include <algorithm>

namespace httvps::sim {

void timeline::at(base::steady_time when, action what) {
  entries_.push({std::max(when, now_), order_++, std::move(what)});
}

bool timeline::run_next() {
  if (entries_.empty()) {
    return false;
  }
  const auto next = entries_.top();
  entries_.pop();
  steps_ = next.when == now_ ? steps_ + 1 : 0;
  now_ = next.when;
  next.what();
  return true;
}

}
