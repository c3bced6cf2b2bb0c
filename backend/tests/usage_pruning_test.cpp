#include "httvps/backend/services/usage_pruning.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::epoch_name;
using std::chrono::hours;

class UsagePruning : public testing::Test, protected test_support::metered_world {
 protected:
  services::usage_report run_of(std::string epoch, std::uint64_t seq,
                                std::vector<services::usage_report_line> lines) const {
    return {.epoch = std::move(epoch), .seq = seq, .lines = std::move(lines)};
  }
  void report_first_run() {
    ASSERT_TRUE(report(run_of("0a", 1,
                              {line(1, {.up = 100, .down = 50}, token),
                               line(2, {.up = 10, .down = 5}, token), line(9, {.up = 7})})));
  }
  void report_second_run(std::uint64_t seq = 1) {
    ASSERT_TRUE(report(run_of("0b", seq, {line(1, {.up = seq, .down = 0}, token)})));
  }
  std::size_t sessions_of(const std::string& epoch) {
    const auto found = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.session_traffic.find({.gateway = gateway.id, .epoch = epoch}, {1, 2, 9});
    });
    return found->size();
  }
  traffic held() {
    return world.usage.summary({.first_day = "0", .last_day = "9"}, {})->quarantined;
  }

  services::usage_roll_up worker{world.tools};
  services::usage_pruning pruning{world.tools};
};

TEST_F(UsagePruning, SessionsOfAFormerRunGoAfterTheirHoursAndItsTrafficStays) {
  report_first_run();
  ASSERT_TRUE(worker.run());
  world.clock.advance(hours(47));
  report_second_run();
  EXPECT_EQ(pruning.run()->sessions, 0U);
  world.clock.advance(hours(2));
  const auto done = pruning.run();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->epochs, 1U);
  EXPECT_EQ(done->sessions, 0U) << "backends that have not seen the schema may still count for it";
  world.clock.advance(hours(2));
  EXPECT_EQ(pruning.run()->sessions, 2U);
  EXPECT_EQ(sessions_of("0a"), 0U);
  EXPECT_EQ(sessions_of("0b"), 1U);
  EXPECT_EQ(used(), (traffic{.up = 111, .down = 55}));
}

TEST_F(UsagePruning, RunWithoutASuccessorOrWithGapsOrWaitingBatchesIsKept) {
  report_first_run();
  world.clock.advance(hours(100));
  EXPECT_EQ(pruning.run()->epochs, 0U);
  report_second_run();
  EXPECT_EQ(pruning.run()->epochs, 0U);
  ASSERT_TRUE(worker.run());
  ASSERT_TRUE(report(run_of("0a", 3, {})));
  world.clock.advance(hours(49));
  report_second_run(2);
  ASSERT_TRUE(worker.run());
  EXPECT_EQ(pruning.run()->epochs, 0U);
  EXPECT_EQ(sessions_of("0a"), 2U);
}

TEST_F(UsagePruning, QuietRunThatBeganLastIsKeptWhenTheOneBeforeReportedAfterIt) {
  report_first_run();
  world.clock.advance(std::chrono::minutes(1));
  report_second_run();
  world.clock.advance(std::chrono::minutes(30));
  ASSERT_TRUE(report(run_of("0a", 2, {line(1, {.up = 101, .down = 50}, token)})));
  ASSERT_TRUE(worker.run());
  world.clock.advance(hours(48) - std::chrono::minutes(10));
  EXPECT_EQ(pruning.run()->epochs, 0U);
  EXPECT_EQ(sessions_of("0b"), 1U);
}

TEST_F(UsagePruning, LateBatchOfAClosedRunIsHeldAndNotCountedAgain) {
  report_first_run();
  ASSERT_TRUE(worker.run());
  world.clock.advance(hours(49));
  report_second_run();
  ASSERT_EQ(pruning.run()->epochs, 1U);
  world.clock.advance(hours(2));
  ASSERT_EQ(pruning.run()->sessions, 2U);
  const auto before = used();
  const auto receipt = report(run_of("0a", 2, {line(1, {.up = 120, .down = 60}, token)}));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->posted.value().quarantined, 1U);
  EXPECT_EQ(receipt->acknowledged.acked_through, 2U);
  EXPECT_EQ(used(), before);
}

TEST_F(UsagePruning, QuarantineOfAClosedRunGoesAfterItsDays) {
  report_first_run();
  ASSERT_TRUE(worker.run());
  world.clock.advance(hours(49));
  report_second_run();
  ASSERT_EQ(pruning.run()->quarantined, 0U);
  EXPECT_EQ(held(), (traffic{.up = 7, .down = 0}));
  world.clock.advance(std::chrono::days(31));
  EXPECT_EQ(pruning.run()->quarantined, 1U);
  EXPECT_EQ(held(), traffic{});
}

TEST_F(UsagePruning, RepeatedBatchOfAClosedRunIsStillARepetition) {
  report_first_run();
  ASSERT_TRUE(worker.run());
  world.clock.advance(hours(49));
  report_second_run();
  ASSERT_EQ(pruning.run()->epochs, 1U);
  const auto again = report(run_of("0a", 1,
                                   {line(1, {.up = 100, .down = 50}, token),
                                    line(2, {.up = 10, .down = 5}, token), line(9, {.up = 7})}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->novelty, services::report_novelty::repeated);
}

}
}
