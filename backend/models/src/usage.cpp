#include "httvps/backend/models/usage.hpp"

#include <algorithm>

namespace httvps::backend::models {
namespace {

base::byte_count grown_by(base::byte_count before, base::byte_count now) noexcept {
  return now > before ? now - before : 0;
}

base::byte_count added_to(base::byte_count before, base::byte_count more) noexcept {
  return before > largest_counter - more ? largest_counter : before + more;
}

}

std::string day_of(base::system_time moment) {
  return base::to_rfc3339(moment).substr(0, 10);
}

std::string hour_of(base::system_time moment) {
  return base::to_rfc3339(moment).substr(0, 13);
}

std::string day_of_hour(const std::string& hour) {
  return hour.substr(0, 10);
}

traffic growth(const traffic& before, const traffic& now) noexcept {
  return {.up = grown_by(before.up, now.up), .down = grown_by(before.down, now.down)};
}

traffic highest(const traffic& left, const traffic& right) noexcept {
  return {.up = std::max(left.up, right.up), .down = std::max(left.down, right.down)};
}

traffic saturating_sum(const traffic& left, const traffic& right) noexcept {
  return {.up = added_to(left.up, right.up), .down = added_to(left.down, right.down)};
}

bool went_down(const traffic& before, const traffic& now) noexcept {
  return now.up < before.up || now.down < before.down;
}

acknowledgement acknowledge(std::uint64_t acked_before, const std::vector<std::uint64_t>& later,
                            std::size_t most_gaps) {
  acknowledgement answer{.acked_through = acked_before, .gaps = {}};
  std::uint64_t highest_seen = acked_before;
  for (const auto seq : later) {
    if (seq == answer.acked_through + 1) {
      answer.acked_through = seq;
    } else if (seq > highest_seen + 1 && answer.gaps.size() < most_gaps) {
      answer.gaps.push_back({.first = highest_seen + 1, .last = seq - 1});
    }
    highest_seen = std::max(highest_seen, seq);
  }
  return answer;
}

}
