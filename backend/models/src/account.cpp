#include "httvps/backend/models/account.hpp"

#include <algorithm>
#include <chrono>

#include "httvps/backend/models/usage.hpp"

namespace httvps::backend::models {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::month_day_last;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::years;

base::system_time at_midnight(sys_days day) noexcept {
  return base::system_time(day.time_since_epoch());
}

sys_days clamped_day(year_month month, std::chrono::day wanted) noexcept {
  const auto last = (month / std::chrono::last).day();
  return sys_days(month / std::min(wanted, last));
}

year_month month_of(base::system_time moment) noexcept {
  const year_month_day date(floor<days>(moment));
  return date.year() / date.month();
}

base::system_time rolling_start(base::system_time anchor, base::system_time now,
                                months step) noexcept {
  const auto wanted = year_month_day(floor<days>(anchor)).day();
  const auto elapsed = month_of(now) - month_of(anchor);
  auto whole_steps = elapsed.count() / step.count();
  auto start = clamped_day(month_of(anchor) + step * whole_steps, wanted);
  while (at_midnight(start) > now && whole_steps > 0) {
    --whole_steps;
    start = clamped_day(month_of(anchor) + step * whole_steps, wanted);
  }
  return std::max(at_midnight(start), anchor);
}

base::system_time rolling_end(base::system_time anchor, base::system_time now,
                              months step) noexcept {
  const auto wanted = year_month_day(floor<days>(anchor)).day();
  const auto elapsed = month_of(now) - month_of(anchor);
  auto next_step = std::max(months::rep{1}, elapsed.count() / step.count());
  auto end = at_midnight(clamped_day(month_of(anchor) + step * next_step, wanted));
  while (end <= now) {
    ++next_step;
    end = at_midnight(clamped_day(month_of(anchor) + step * next_step, wanted));
  }
  return end;
}

base::byte_count above(base::byte_count used, base::byte_count forgiven) noexcept {
  return used > forgiven ? used - forgiven : 0;
}

sys_days monday_of(sys_days day) noexcept {
  return day - (weekday(day) - std::chrono::Monday);
}

}

bool plan::covers_region(std::string_view region) const noexcept {
  return regions.empty() || std::ranges::find(regions, region) != regions.end();
}

base::byte_count traffic::total() const noexcept {
  return up > largest_counter - down ? largest_counter : up + down;
}

const plan_id& subscription::plan_at(base::system_time now) const noexcept {
  return next && next->at <= now ? next->plan : plan;
}

traffic subscription::counted_of(const period_use& use, base::system_time period) const noexcept {
  const bool is_of_this = forgiven && forgiven->period == period;
  const auto all = is_of_this ? highest(use.forgiven, forgiven->counted) : use.forgiven;
  return {.up = above(use.used.up, all.up), .down = above(use.used.down, all.down)};
}

subscription begun_at(subscription subject, const plan& terms, base::system_time now) noexcept {
  subject.awaits_use = false;
  subject.starts_at = now;
  if (!subject.expires_at && terms.duration_days) {
    subject.expires_at = now + days(*terms.duration_days);
  }
  return subject;
}

subscription_standing standing_of(const standing_facts& facts) noexcept {
  const auto& subject = facts.subject;
  if (subject.state == subscription_state::cancelled) {
    return subscription_standing::cancelled;
  }
  if (subject.suspended_at) {
    return subscription_standing::suspended;
  }
  const bool past = subject.expires_at && *subject.expires_at <= facts.now;
  if (past || subject.state == subscription_state::ended) {
    return subscription_standing::expired;
  }
  if (subject.awaits_use || subject.starts_at > facts.now) {
    return subscription_standing::pending;
  }
  const bool spent = facts.terms.quota_bytes && facts.used.total() >= *facts.terms.quota_bytes;
  return spent ? subscription_standing::limited : subscription_standing::active;
}

base::system_time period_start(reset_period reset, base::system_time anchor,
                               base::system_time now) noexcept {
  const auto today = floor<days>(now);
  switch (reset) {
    case reset_period::day:
      return at_midnight(today);
    case reset_period::week:
      return at_midnight(monday_of(today));
    case reset_period::month:
      return at_midnight(sys_days(month_of(now) / std::chrono::day(1)));
    case reset_period::month_rolling:
      return rolling_start(anchor, now, months(1));
    case reset_period::year:
      return rolling_start(anchor, now, months(12));
    case reset_period::none:
      break;
  }
  return anchor;
}

std::optional<base::system_time> period_end(reset_period reset, base::system_time anchor,
                                            base::system_time now) noexcept {
  const auto today = floor<days>(now);
  switch (reset) {
    case reset_period::day:
      return at_midnight(today + days(1));
    case reset_period::week:
      return at_midnight(monday_of(today) + days(7));
    case reset_period::month:
      return at_midnight(sys_days((month_of(now) + months(1)) / std::chrono::day(1)));
    case reset_period::month_rolling:
      return rolling_end(anchor, now, months(1));
    case reset_period::year:
      return rolling_end(anchor, now, months(12));
    case reset_period::none:
      break;
  }
  return std::nullopt;
}

}
