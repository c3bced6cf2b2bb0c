#include "../src/session_roll.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

using numbers = std::vector<std::uint64_t>;

constexpr session_report_answer fine{};

told_session session(std::uint64_t number) {
  return {.session = "session-" + std::to_string(number), .device_id = "dev"};
}

struct SessionRoll : ::testing::Test {
  void open(std::uint64_t number) { roll.open(number, session(number)); }

  base::seeded_random random{9};
  session_roll roll{random};
};

TEST_F(SessionRoll, TellsWhatWasOpenedAndEndedOnce) {
  roll.name_process("e1");
  open(1);
  open(2);
  const auto first = roll.next();
  EXPECT_EQ(first.epoch, "e1");
  EXPECT_EQ(first.sequence, 0U);
  EXPECT_EQ(first.held, (std::vector{session(1), session(2)}));
  roll.take(fine);
  EXPECT_FALSE(roll.has_more());
  roll.close(1);
  open(3);
  const auto second = roll.next();
  EXPECT_EQ(second.sequence, 1U);
  EXPECT_EQ(second.roll, first.roll);
  EXPECT_EQ(second.held, std::vector{session(3)});
  EXPECT_EQ(second.ended, std::vector{session(1)});
  roll.take(fine);
  EXPECT_TRUE(roll.next().held.empty());
}

TEST_F(SessionRoll, RepeatsAReportUntilItIsAnswered) {
  open(1);
  const auto first = roll.next();
  roll.close(1);
  open(2);
  EXPECT_EQ(roll.next(), first);
  roll.take(fine);
  const auto second = roll.next();
  EXPECT_EQ(second.held, std::vector{session(2)});
  EXPECT_EQ(second.ended, std::vector{session(1)});
}

TEST_F(SessionRoll, StartsAnewWithEverythingWhenOutOfStep) {
  open(1);
  open(2);
  const auto first = roll.next();
  roll.take(fine);
  roll.close(2);
  roll.next();
  roll.take({.in_step = false, .to_end = {}});
  const auto anew = roll.next();
  EXPECT_NE(anew.roll, first.roll);
  EXPECT_EQ(anew.sequence, 0U);
  EXPECT_EQ(anew.held, std::vector{session(1)});
  EXPECT_TRUE(anew.ended.empty());
}

TEST_F(SessionRoll, NamesTheSessionsThatAreToEnd) {
  open(1);
  open(2);
  roll.close(2);
  roll.next();
  EXPECT_EQ(roll.take({.in_step = true, .to_end = {"session-1", "session-2", "unknown"}}),
            numbers{1});
}

TEST_F(SessionRoll, SameSessionOpenedAgainIsKnownByItsNewNumber) {
  roll.open(1, session(7));
  roll.open(2, session(7));
  roll.close(1);
  roll.next();
  EXPECT_EQ(roll.take({.in_step = true, .to_end = {"session-7"}}), numbers{2});
}

TEST_F(SessionRoll, SessionOpenedAgainWhileItWasToldIsToldAgain) {
  roll.open(1, session(7));
  roll.next();
  roll.close(1);
  roll.open(2, session(7));
  roll.take(fine);
  const auto again = roll.next();
  EXPECT_EQ(again.held, std::vector{session(7)});
  EXPECT_EQ(again.ended, std::vector{session(7)});
}

TEST_F(SessionRoll, TellsManyInParts) {
  for (std::uint64_t number = 0; number < told_sessions_most + 3; ++number) {
    open(number);
  }
  EXPECT_EQ(roll.next().held.size(), told_sessions_most);
  roll.take(fine);
  EXPECT_TRUE(roll.has_more());
  EXPECT_EQ(roll.next().held.size(), 3U);
  roll.take(fine);
  EXPECT_FALSE(roll.has_more());
}

TEST_F(SessionRoll, ForgetsEndedOnesThatNobodyTookAndStartsAnew) {
  const auto first = roll.next().roll;
  open(1);
  for (std::uint64_t number = 2; number < ended_sessions_most + 4; ++number) {
    open(number);
    roll.close(number);
  }
  const auto anew = roll.next();
  EXPECT_NE(anew.roll, first);
  EXPECT_EQ(anew.held, std::vector{session(1)});
  EXPECT_LT(anew.ended.size(), told_sessions_most);
}

}
}
