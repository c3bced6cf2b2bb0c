#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::report_novelty;
using services::usage_upkeep;
using std::chrono::days;

class UsageUpkeep : public testing::Test, protected test_support::metered_world {
 protected:
  services::usage_roll_up worker{world.tools};
  usage_upkeep upkeep{world.tools, {.journal = days(7), .hours = days(35)}};
};

TEST_F(UsageUpkeep, KeepsABatchForItsDaysAndForgetsItThen) {
  const auto sent = batch(1, {line(1, {.up = 100, .down = 50}, token)});
  ASSERT_TRUE(report(sent));
  ASSERT_TRUE(worker.run());
  world.clock.advance(days(7));
  EXPECT_EQ(upkeep.run()->batches, 0U);
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(upkeep.run()->batches, 1U);
  EXPECT_EQ(upkeep.run()->batches, 0U);
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
}

TEST_F(UsageUpkeep, ForgottenBatchThatComesAgainIsAcknowledgedAndNotCounted) {
  const auto sent = batch(1, {line(1, {.up = 100, .down = 50}, token)});
  ASSERT_TRUE(report(sent));
  ASSERT_TRUE(worker.run());
  world.clock.advance(days(8));
  ASSERT_EQ(upkeep.run()->batches, 1U);
  auto again = sent;
  again.lines.front().counted.up = 900;
  const auto receipt = report(again);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->novelty, report_novelty::repeated);
  EXPECT_EQ(receipt->acknowledged.acked_through, 1U);
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
}

TEST_F(UsageUpkeep, NeverForgetsWhatIsNotRolledUpOrNotAcknowledged) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  ASSERT_TRUE(report(batch(3, {line(1, {.up = 200, .down = 50})})));
  world.clock.advance(days(8));
  EXPECT_EQ(upkeep.run()->batches, 0U);
  ASSERT_TRUE(worker.run());
  EXPECT_EQ(upkeep.run()->batches, 1U);
  EXPECT_EQ(report(batch(3, {line(1, {.up = 201, .down = 50})})).error(),
            services::errc::digest_mismatch);
}

TEST_F(UsageUpkeep, HoursGoAfterTheirDays) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  ASSERT_TRUE(worker.run());
  world.clock.advance(days(35));
  EXPECT_EQ(upkeep.run()->hours, 0U);
  world.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(upkeep.run()->hours, 1U);
  const auto summary = world.usage.summary({.first_day = "0", .last_day = "9"}, {});
  EXPECT_EQ(summary->total, (traffic{.up = 100, .down = 50}));
}

TEST_F(UsageUpkeep, MissingNumbersAreCountedUntilTheyCome) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  EXPECT_EQ(*upkeep.missing_batches(), 0U);
  ASSERT_TRUE(report(batch(4, {line(1, {.up = 200, .down = 50})})));
  ASSERT_TRUE(report(batch(6, {line(1, {.up = 300, .down = 50})})));
  EXPECT_EQ(*upkeep.missing_batches(), 3U);
  ASSERT_TRUE(report(batch(3, {})));
  EXPECT_EQ(*upkeep.missing_batches(), 2U);
  ASSERT_TRUE(report(batch(2, {})));
  ASSERT_TRUE(report(batch(5, {})));
  EXPECT_EQ(*upkeep.missing_batches(), 0U);
}

}
}
