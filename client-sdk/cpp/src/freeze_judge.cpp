#include "httvps/sdk/freeze_judge.hpp"

#include <algorithm>

namespace httvps::sdk {
namespace {

constexpr auto silence_least = std::chrono::milliseconds(500);
constexpr auto onset_most = std::chrono::seconds(3);
constexpr auto prompt_dial = std::chrono::seconds(1);

base::duration at_least(base::duration least, base::duration measured) {
  return std::max(least, measured);
}

base::duration dial_patience(std::optional<base::duration> round_trip) {
  return at_least(prompt_dial, 4 * round_trip.value_or(base::duration(0)));
}

}

void freeze_judge::forget_dial(base::steady_time began) {
  const auto found = std::ranges::find(dialling_, began);
  if (found != dialling_.end()) {
    dialling_.erase(found);
  }
}

void freeze_judge::note_answered(const ended_dial& dial) {
  forget_dial(dial.began);
  if (dial.ended - dial.began > dial_patience(dial.round_trip)) {
    away_at_ = dial.ended;
  }
}

void freeze_judge::note_failed(const ended_dial& dial) {
  forget_dial(dial.began);
  away_at_ = dial.ended;
}

bool freeze_judge::network_was_away(const carrier_silence& silence, base::steady_time now) const {
  const auto patience = dial_patience(silence.round_trip);
  const bool unanswered = std::ranges::any_of(
      dialling_, [now, patience](auto began) { return now - began > patience; });
  return unanswered || (away_at_ && *away_at_ >= silence.since);
}

bool freeze_judge::is_freeze(const carrier_silence& silence, base::steady_time now) {
  const auto onset = silence.suspected_at - silence.since;
  const auto longest = at_least(onset_most, 8 * silence.round_trip.value_or(base::duration(0)));
  const bool sudden = now - silence.since >= silence_least && onset <= longest;
  const bool others_live = silence.other_heard && *silence.other_heard > silence.suspected_at;
  const bool same_event = last_freeze_ && silence.since <= *last_freeze_;
  if (!sudden || !others_live || same_event || network_was_away(silence, now)) {
    return false;
  }
  last_freeze_ = silence.suspected_at;
  return true;
}

}
