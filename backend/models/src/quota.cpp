#include "httvps/backend/models/quota.hpp"

#include <algorithm>

namespace httvps::backend::models {
namespace {

base::byte_count difference(base::byte_count more, base::byte_count less) noexcept {
  return more > less ? more - less : 0;
}

base::byte_count bounded_sum(base::byte_count left, base::byte_count right) noexcept {
  return left > largest_counter - right ? largest_counter : left + right;
}

}

base::byte_count quota_lease::outstanding() const noexcept {
  return difference(granted, rolled_up);
}

base::byte_count largest_share(base::byte_count remaining) noexcept {
  return std::max(remaining / 2, std::min(remaining, smallest_share));
}

lease_decision decide_lease(quota_lease held, const lease_terms& terms,
                            const lease_wish& wish) noexcept {
  if (held.granted == 0) {
    held.rolled_up = std::min(held.rolled_up, wish.used);
  }
  const auto left = [&] { return difference(terms.budget, held.outstanding()); };
  const bool is_newest = wish.asked_at >= held.renewed_at;
  if (wish.want == 0 && is_newest) {
    held.granted = wish.used;
  } else {
    held.granted = std::max(held.granted, wish.used);
  }
  if (wish.want > 0 && terms.mood == lease_mood::grants) {
    const auto wished = difference(bounded_sum(wish.used, wish.want), held.granted);
    held.granted += std::min(wished, largest_share(left()));
  }
  held.renewed_at = std::max(held.renewed_at, wish.asked_at);
  return {.lease = held, .remaining = terms.mood == lease_mood::grants ? left() : 0};
}

}
