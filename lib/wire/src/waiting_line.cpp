#include "waiting_line.hpp"

namespace httvps::wire {

stream* waiting_line::front() noexcept {
  auto& first = dry_.empty() ? supplied_ : dry_;
  return first.empty() ? nullptr : &first.front();
}

void waiting_line::join(stream& each) {
  if (each.place_in_line.is_linked()) {
    return;
  }
  each.waits_dry = !each.sending.next_range(1).has_value();
  (each.waits_dry ? dry_ : supplied_).push_back(each);
}

void waiting_line::note_dry(stream& each) {
  if (each.place_in_line.is_linked() && !each.waits_dry) {
    leave(each);
    join(each);
  }
}

void waiting_line::leave(stream& each) noexcept {
  if (each.place_in_line.is_linked()) {
    auto& held_in = each.waits_dry ? dry_ : supplied_;
    held_in.erase(held_in.iterator_to(each));
  }
}

void waiting_line::clear() noexcept {
  dry_.clear();
  supplied_.clear();
}

}
