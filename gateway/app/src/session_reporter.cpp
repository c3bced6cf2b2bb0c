#include "session_reporter.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/clock.hpp"

namespace httvps::gateway {
namespace {

constexpr std::chrono::milliseconds longest_pause{60'000};
constexpr unsigned most_doublings = 10;

}

net::task<> session_reporter::run() {
  while (true) {
    auto report = parts_.roll.next();
    const auto sequence = report.sequence;
    const auto answer = co_await parts_.control.report_sessions(std::move(report));
    auto pause = parts_.interval;
    if (answer) {
      pause = take(*answer, sequence);
    } else {
      note_miss(answer.error());
    }
    if (pause.count() > 0) {
      HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + pause));
    }
  }
}

void session_reporter::note_miss(const base::error& failure) {
  if (!std::exchange(missed_, true)) {
    parts_.log.warn("sessions_not_reported", {{"outcome", failure}});
  }
}

std::chrono::milliseconds session_reporter::pause_out_of_step() {
  const auto doublings = std::min(lost_steps_++, most_doublings);
  return doublings == 0 ? std::chrono::milliseconds(0)
                        : std::min(parts_.interval * (1U << doublings), longest_pause);
}

std::chrono::milliseconds session_reporter::take(const session_report_answer& answer,
                                                 std::uint64_t sequence) {
  missed_ = false;
  for (const auto number : parts_.roll.take(answer)) {
    parts_.recalled.add();
    parts_.end_session(number);
  }
  if (!answer.in_step) {
    return pause_out_of_step();
  }
  if (sequence > 0) {
    lost_steps_ = 0;
  }
  return parts_.roll.has_more() ? std::chrono::milliseconds(0) : parts_.interval;
}

}
