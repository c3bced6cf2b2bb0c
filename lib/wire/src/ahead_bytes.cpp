#include "ahead_bytes.hpp"

#include <algorithm>

#include "httvps/wire/errc.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {

base::result<ahead_bytes::place> ahead_bytes::interval_at(byte_count offset, byte_count end) {
  const auto at = std::ranges::find_if(
      intervals_, [offset](const interval& each) { return each.end() >= offset; });
  if (at != intervals_.end() && at->start <= offset) {
    return at;
  }
  const bool joins_the_next = at != intervals_.end() && at->start <= end;
  if (intervals_.size() >= gaps_most && !joins_the_next) {
    return base::fail(errc::gap_limit);
  }
  return intervals_.insert(at, interval{.start = offset, .bytes = {}});
}

byte_count ahead_bytes::room_behind(place at) const noexcept {
  const auto next = at + 1;
  return next == intervals_.end() ? UINT64_MAX : next->start - at->end();
}

void ahead_bytes::close_gap_behind(place at) {
  const auto next = at + 1;
  if (next != intervals_.end() && at->end() == next->start) {
    at->bytes.join(std::move(next->bytes));
    intervals_.erase(next);
  }
}

base::result<void> ahead_bytes::put(byte_count offset, byte_view payload, base::slab_pool& pool) {
  base::result<void> outcome;
  while (!payload.empty() && outcome) {
    HTTVPS_TRY(const auto at, interval_at(offset, offset + payload.size()));
    const auto known =
        static_cast<std::size_t>(std::min<byte_count>(at->end() - offset, payload.size()));
    const auto fresh = payload.subspan(known);
    const auto count =
        static_cast<std::size_t>(std::min<byte_count>(fresh.size(), room_behind(at)));
    outcome = at->bytes.append(fresh.first(count), pool);
    close_gap_behind(at);
    offset += known + count;
    payload = fresh.subspan(count);
  }
  recount();
  return outcome;
}

std::optional<slab_chain> ahead_bytes::take_reached(byte_count received) {
  if (intervals_.empty() || intervals_.front().start > received) {
    return std::nullopt;
  }
  auto first = std::move(intervals_.front());
  intervals_.erase(intervals_.begin());
  first.bytes.drop_front(std::min(received - first.start, first.bytes.size()));
  recount();
  return std::move(first.bytes);
}

void ahead_bytes::clear() noexcept {
  intervals_.clear();
  capacity_ = 0;
}

void ahead_bytes::recount() noexcept {
  capacity_ = 0;
  for (const auto& each : intervals_) {
    capacity_ += each.bytes.capacity();
  }
}

}
