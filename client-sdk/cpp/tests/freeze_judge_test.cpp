#include "httvps/sdk/freeze_judge.hpp"

#include <gtest/gtest.h>

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

constexpr base::steady_time began{1h};

carrier_silence silence_from(base::steady_time since) {
  return {.since = since, .suspected_at = since + 1s, .other_heard = since + 1300ms};
}

ended_dial dialled(base::steady_time from, base::duration took) {
  return {.began = from, .ended = from + took, .round_trip = 100ms};
}

bool judge_alone(const carrier_silence& silence) {
  freeze_judge judge;
  return judge.is_freeze(silence, silence.suspected_at + 500ms);
}

TEST(FreezeJudge, SilenceBesideALivingCarrierIsAFreeze) {
  EXPECT_TRUE(judge_alone(silence_from(began)));
}

TEST(FreezeJudge, SilenceWithoutLifeElsewhereIsNone) {
  auto silence = silence_from(began);
  silence.other_heard.reset();
  EXPECT_FALSE(judge_alone(silence));
}

TEST(FreezeJudge, LifeBeforeTheSuspicionProvesNothing) {
  auto silence = silence_from(began);
  silence.other_heard = silence.suspected_at;
  EXPECT_FALSE(judge_alone(silence));
  silence.other_heard = silence.suspected_at + 1ms;
  EXPECT_TRUE(judge_alone(silence));
}

TEST(FreezeJudge, CarrierThatWasQuietBeforeItWasAskedIsNone) {
  auto silence = silence_from(began);
  silence.suspected_at = began + 3s + 1ms;
  silence.other_heard = began + 4s;
  EXPECT_FALSE(judge_alone(silence));
  silence.suspected_at = began + 3s;
  EXPECT_TRUE(judge_alone(silence));
}

TEST(FreezeJudge, FarGatewaysHaveLongerToAnswer) {
  auto silence = silence_from(began);
  silence.suspected_at = began + 4s;
  silence.other_heard = began + 5s;
  EXPECT_FALSE(judge_alone(silence));
  silence.round_trip = 500ms;
  EXPECT_TRUE(judge_alone(silence));
}

TEST(FreezeJudge, CarrierHeardAMomentAgoIsNone) {
  freeze_judge judge;
  carrier_silence silence{
      .since = began, .suspected_at = began + 100ms, .other_heard = began + 200ms};
  EXPECT_FALSE(judge.is_freeze(silence, began + 499ms));
  EXPECT_TRUE(judge.is_freeze(silence, began + 500ms));
}

TEST(FreezeJudge, SilencesThatOverlapCountOnce) {
  freeze_judge judge;
  EXPECT_TRUE(judge.is_freeze(silence_from(began), began + 2s));
  EXPECT_FALSE(judge.is_freeze(silence_from(began + 900ms), began + 3s));
  EXPECT_TRUE(judge.is_freeze(silence_from(began + 1001ms), began + 3s));
}

TEST(FreezeJudge, DialThatFailsMeanwhileShowsAnOutage) {
  freeze_judge judge;
  judge.note_dial(began + 1s);
  judge.note_failed(dialled(began + 1s, 10ms));
  EXPECT_FALSE(judge.is_freeze(silence_from(began), began + 6s));
  EXPECT_TRUE(judge.is_freeze(silence_from(began + 2s), began + 8s));
}

TEST(FreezeJudge, DialThatIsAnsweredLateShowsAnOutage) {
  freeze_judge judge;
  judge.note_dial(began + 1s);
  judge.note_answered(dialled(began + 1s, 1001ms));
  EXPECT_FALSE(judge.is_freeze(silence_from(began), began + 6s));
}

TEST(FreezeJudge, DialThatIsAnsweredSoonShowsNone) {
  freeze_judge judge;
  judge.note_dial(began + 1s);
  judge.note_answered(dialled(began + 1s, 1s));
  EXPECT_TRUE(judge.is_freeze(silence_from(began), began + 6s));
}

TEST(FreezeJudge, DialOverALongPathMayTakeFourRoundTrips) {
  freeze_judge judge;
  judge.note_dial(began + 1s);
  judge.note_answered({.began = began + 1s, .ended = began + 3s, .round_trip = 500ms});
  EXPECT_TRUE(judge.is_freeze(silence_from(began), began + 6s));
}

TEST(FreezeJudge, DialThatWaitsForItsAnswerShowsAnOutage) {
  freeze_judge judge;
  judge.note_dial(began + 1s);
  EXPECT_TRUE(judge.is_freeze(silence_from(began), began + 2s));
  EXPECT_FALSE(judge.is_freeze(silence_from(began + 1500ms), began + 4s));
  judge.note_answered(dialled(began + 1s, 500ms));
  EXPECT_TRUE(judge.is_freeze(silence_from(began + 1500ms), began + 4s));
}

}
}
