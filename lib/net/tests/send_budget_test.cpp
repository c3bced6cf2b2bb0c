#include "httvps/net/send_budget.hpp"

#include <gtest/gtest.h>

namespace httvps::net {
namespace {

using std::chrono::milliseconds;

class SendBudget : public ::testing::Test {
 protected:
  void deliver(base::byte_count bytes, milliseconds taken) {
    sent_ += bytes;
    now_ += taken;
    budget_.note_writable(sent_, now_);
  }

  void SetUp() override { budget_.note_writable(sent_, now_); }

  send_budget budget_;
  base::byte_count sent_ = 4'000'000;
  base::steady_time now_{std::chrono::hours(1)};
};

TEST_F(SendBudget, DoublesWithEachWholeTakingUntilADeliveryIsKnown) {
  EXPECT_EQ(budget_.bytes(), send_budget_first);
  budget_.note_taken_whole();
  EXPECT_EQ(budget_.bytes(), 2 * send_budget_first);
  budget_.note_taken_whole();
  budget_.note_taken_whole();
  EXPECT_EQ(budget_.bytes(), send_budget_most);
  deliver(100'000, milliseconds(20));
  budget_.note_taken_whole();
  EXPECT_EQ(budget_.bytes(), 50'000U);
}

TEST_F(SendBudget, IsWhatTheSocketTookInTenMilliseconds) {
  deliver(100'000, milliseconds(20));
  EXPECT_EQ(budget_.bytes(), 50'000U);
}

TEST_F(SendBudget, IsMeasuredOverTwentyMillisecondsAtLeast) {
  deliver(200, milliseconds(1));
  EXPECT_EQ(budget_.bytes(), send_budget_first);
  deliver(99'800, milliseconds(19));
  EXPECT_EQ(budget_.bytes(), 50'000U);
}

TEST_F(SendBudget, StaysWithinItsBounds) {
  deliver(1000, milliseconds(500));
  EXPECT_EQ(budget_.bytes(), send_budget_least);
  deliver(100'000'000, milliseconds(100));
  EXPECT_EQ(budget_.bytes(), send_budget_most);
}

TEST_F(SendBudget, IsNotLoweredByASenderThatHadLittleToSend) {
  sent_ += 1000;
  now_ += milliseconds(10);
  budget_.note_drained();
  deliver(1000, milliseconds(500));
  EXPECT_EQ(budget_.bytes(), send_budget_first);
  deliver(100'000, milliseconds(20));
  EXPECT_EQ(budget_.bytes(), 50'000U);
}

TEST_F(SendBudget, IgnoresSlightChanges) {
  deliver(100'000, milliseconds(20));
  deliver(120'000, milliseconds(20));
  EXPECT_EQ(budget_.bytes(), 50'000U);
  deliver(80'000, milliseconds(20));
  EXPECT_EQ(budget_.bytes(), 50'000U);
  deliver(60'000, milliseconds(20));
  EXPECT_EQ(budget_.bytes(), 30'000U);
}

}
}
