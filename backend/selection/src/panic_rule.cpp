#include "httvps/backend/selection/panic_rule.hpp"

namespace httvps::backend::selection {
namespace {

bool is_most(std::size_t some, std::size_t all) noexcept {
  return 2 * some > all;
}

}

void panic_rule::update(const silence_count& counted, base::steady_time now) noexcept {
  const bool is_large = counted.members >= members_to_panic;
  if (!since_ && is_large && is_most(counted.newly_silent, counted.members)) {
    since_ = now;
  } else if (since_ && !is_most(counted.silent, counted.members)) {
    since_.reset();
  }
}

bool panic_rule::holds(base::steady_time fell_silent) const noexcept {
  return since_ && fell_silent >= *since_ - panic_window;
}

}
