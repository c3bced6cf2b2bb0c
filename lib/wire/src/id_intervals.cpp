#include "id_intervals.hpp"

#include <algorithm>

#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

constexpr std::uint64_t step = 2;

}

bool id_intervals::contains(stream_id stream) const noexcept {
  const auto id = static_cast<std::uint64_t>(stream);
  return std::ranges::any_of(
      intervals_, [id](const interval& each) { return id >= each.first && id <= each.last; });
}

stream_id id_intervals::highest() const noexcept {
  return intervals_.empty() ? stream_id{} : static_cast<stream_id>(intervals_.back().last);
}

id_intervals::outcome id_intervals::add(stream_id stream) {
  const auto id = static_cast<std::uint64_t>(stream);
  const auto after = std::ranges::upper_bound(intervals_, id, {}, &interval::first);
  const bool has_before = after != intervals_.begin();
  if (has_before && id <= std::prev(after)->last) {
    return outcome::known;
  }
  const bool joins_before = has_before && std::prev(after)->last + step == id;
  const bool joins_after = after != intervals_.end() && after->first == id + step;
  if (joins_before && joins_after) {
    std::prev(after)->last = after->last;
    intervals_.erase(after);
    return outcome::added;
  }
  if (joins_before) {
    std::prev(after)->last = id;
    return outcome::added;
  }
  if (joins_after) {
    after->first = id;
    return outcome::added;
  }
  if (intervals_.size() >= seen_intervals_most) {
    return outcome::too_many;
  }
  intervals_.insert(after, {id, id});
  return outcome::added;
}

}
