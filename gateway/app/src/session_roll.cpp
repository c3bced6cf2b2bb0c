#include "session_roll.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/encoding.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t roll_size = 8;

}

session_roll::session_roll(base::random_source& random) : random_(random) {
  start_anew();
}

void session_roll::start_anew() {
  roll_ = base::to_hex(random_.take<roll_size>());
  sequence_ = 0;
  ended_.clear();
  sent_.reset();
  fresh_.clear();
  for (const auto& [number, who] : open_) {
    fresh_.insert(number);
  }
}

void session_roll::open(std::uint64_t number, told_session who) {
  number_of_[who.session] = number;
  open_[number] = std::move(who);
  fresh_.insert(number);
}

void session_roll::close(std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) {
    return;
  }
  const auto named = number_of_.find(found->second.session);
  if (named != number_of_.end() && named->second == number) {
    number_of_.erase(named);
  }
  fresh_.erase(number);
  ended_.push_back(std::move(found->second));
  open_.erase(found);
  if (ended_.size() > ended_sessions_most) {
    start_anew();
  }
}

session_report session_roll::next() {
  if (sent_) {
    return *sent_;
  }
  session_report report{
      .epoch = epoch_, .roll = roll_, .sequence = sequence_, .held = {}, .ended = {}};
  sent_numbers_.clear();
  for (const auto number : fresh_) {
    if (report.held.size() < told_sessions_most) {
      report.held.push_back(open_.at(number));
      sent_numbers_.push_back(number);
    }
  }
  const auto last = std::min(ended_.size(), told_sessions_most);
  report.ended.assign(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(last));
  sent_ = report;
  return report;
}

void session_roll::settle(const session_report& told) {
  for (const auto number : sent_numbers_) {
    fresh_.erase(number);
  }
  ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(told.ended.size()));
  ++sequence_;
}

std::vector<std::uint64_t> session_roll::take(const session_report_answer& answer) {
  const auto told = std::exchange(sent_, std::nullopt);
  if (told && answer.in_step) {
    settle(*told);
  } else if (told) {
    start_anew();
  }
  std::vector<std::uint64_t> numbers;
  for (const auto& each : answer.to_end) {
    if (const auto named = number_of_.find(each); named != number_of_.end()) {
      numbers.push_back(named->second);
    }
  }
  return numbers;
}

}
