#include "httvps/backend/services/usage_poster.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_pruning.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "support/faulty_store.hpp"
#include "support/other_tools.hpp"
#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::errc;

class UsagePoster : public testing::Test, protected test_support::quota_world {
 protected:
  UsagePoster() : quota_world(100 * base::mebibyte) {}

  services::usage_report batch(std::uint64_t seq, base::byte_count up) const {
    return {.epoch = "0a",
            .seq = seq,
            .lines = {{.session = 1,
                       .node = node.id,
                       .counted = {.up = up, .down = 0},
                       .token = device.answer.token}}};
  }
  base::result<services::usage_receipt> take(std::uint64_t seq, base::byte_count up) {
    return usage.report(first, batch(seq, up));
  }
  services::batch_name name_of(std::uint64_t seq) const {
    return {.epoch = {.gateway = first.id, .epoch = "0a"}, .seq = seq};
  }
  base::byte_count used_up() { return world.used_by(subscription.subject.id).up; }
  std::uint64_t unposted() {
    return services::usage_roll_up(world.tools).backlog().value().unposted;
  }

  services::posting_queue queue{2};
  test_support::faulty_store storage{*world.store};
  services::service_tools tools = test_support::tools_with(queue, storage, world.tools);
  services::usage_service usage{tools};
  services::usage_poster poster{tools};
};

TEST_F(UsagePoster, AcknowledgedBatchIsCountedAfterItsAnswer) {
  const auto receipt = take(1, 100);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->acknowledged.acked_through, 1U);
  EXPECT_FALSE(receipt->posted);
  EXPECT_EQ(used_up(), 0U);
  EXPECT_EQ(unposted(), 1U);
  std::vector<services::posted_usage> seen;
  poster.follow([&](const services::posted_usage& posted) { seen.push_back(posted); });
  EXPECT_EQ(poster.unfinished(), 1U);
  ASSERT_TRUE(poster.post_next());
  EXPECT_EQ(poster.unfinished(), 0U);
  EXPECT_EQ(used_up(), 100U);
  EXPECT_EQ(unposted(), 0U);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen.front().added, (traffic{.up = 100, .down = 0}));
}

TEST_F(UsagePoster, BatchIsCountedOnceHoweverOftenItIsPostedOrRepeated) {
  ASSERT_TRUE(take(1, 100));
  EXPECT_EQ(services::post_batch(tools, name_of(1))->batches, 1U);
  EXPECT_EQ(services::post_batch(tools, name_of(1))->batches, 0U);
  ASSERT_TRUE(poster.post_next());
  EXPECT_EQ(take(1, 100)->novelty, services::report_novelty::repeated);
  EXPECT_EQ(take(1, 101).error(), errc::digest_mismatch);
  EXPECT_EQ(poster.waiting(), 0U);
  EXPECT_EQ(used_up(), 100U);
}

TEST_F(UsagePoster, OrderOfPostingDoesNotMatter) {
  ASSERT_TRUE(take(1, 100));
  ASSERT_TRUE(take(2, 250));
  ASSERT_TRUE(services::post_batch(tools, name_of(2)));
  ASSERT_TRUE(services::post_batch(tools, name_of(1)));
  EXPECT_EQ(used_up(), 250U);
}

TEST_F(UsagePoster, BatchBeyondTheQueueIsCountedBeforeItsAnswer) {
  ASSERT_FALSE(take(1, 100)->posted);
  ASSERT_FALSE(take(2, 200)->posted);
  const auto third = take(3, 300);
  ASSERT_TRUE(third);
  ASSERT_TRUE(third->posted);
  EXPECT_EQ(third->posted->added.up, 300U);
  EXPECT_EQ(used_up(), 300U);
  ASSERT_TRUE(poster.post_waiting(world.clock.steady_now() + std::chrono::seconds(1)));
  EXPECT_EQ(used_up(), 300U);
  EXPECT_EQ(unposted(), 0U);
}

TEST_F(UsagePoster, BatchWhosePostingFailedIsSweptUpLater) {
  ASSERT_TRUE(take(1, 100));
  storage.is_busy = true;
  EXPECT_EQ(poster.post_next().error(), errc::storage_busy);
  EXPECT_EQ(poster.unfinished(), 0U);
  storage.is_busy = false;
  ASSERT_TRUE(poster.sweep());
  EXPECT_EQ(used_up(), 0U) << "another backend may be about to count it";
  world.clock.advance(services::left_behind_after + std::chrono::seconds(1));
  ASSERT_TRUE(poster.sweep());
  EXPECT_EQ(used_up(), 100U);
  EXPECT_EQ(unposted(), 0U);
}

TEST_F(UsagePoster, FailureOfASweepDoesNotStopTheOthers) {
  ASSERT_TRUE(take(1, 100));
  ASSERT_TRUE(take(2, 250));
  world.clock.advance(services::left_behind_after + std::chrono::seconds(1));
  storage.before = [this] { storage.is_busy = storage.notes == 1; };
  EXPECT_EQ(poster.sweep().error(), errc::storage_busy);
  EXPECT_EQ(used_up(), 250U);
  EXPECT_EQ(unposted(), 1U);
  ASSERT_TRUE(poster.sweep());
  EXPECT_EQ(used_up(), 250U);
  EXPECT_EQ(unposted(), 0U);
}

TEST_F(UsagePoster, GrantOfADeadEpochStandsWhileABatchOfItIsUncounted) {
  constexpr auto mib = base::mebibyte;
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  ASSERT_TRUE(take(1, 10 * mib));
  report(first, "0b", 1);
  world.clock.advance(services::lease_lasts + services::successor_heard_for);
  report(first, "0b", 2);
  world.clock.advance(services::successor_heard_for + std::chrono::seconds(1));
  report(first, "0b", 3);
  EXPECT_EQ(lease(second, "0c", {.want = 0}).remaining, 60 * mib - 3);
  ASSERT_TRUE(poster.post_next());
  report(first, "0b", 4);
  EXPECT_EQ(lease(second, "0c", {.want = 0}).remaining, 90 * mib - 4);
}

TEST_F(UsagePoster, UncountedBatchIsNeitherForgottenNorItsEpochClosed) {
  ASSERT_TRUE(take(1, 100));
  world.clock.advance(std::chrono::days(40));
  ASSERT_TRUE(world.usage.report(first, {.epoch = "0b", .seq = 1, .lines = {}}));
  ASSERT_TRUE(services::usage_roll_up(world.tools).run());
  ASSERT_TRUE(services::usage_upkeep(world.tools).run());
  ASSERT_TRUE(services::usage_pruning(world.tools).run());
  ASSERT_TRUE(poster.post_next());
  EXPECT_EQ(used_up(), 0U) << "the period of the batch is over";
  const auto summary = world.usage.summary({.first_day = "0", .last_day = "9"}, {});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->total.up, 100U);
  EXPECT_EQ(summary->quarantined, traffic{});
}

TEST_F(UsagePoster, SchemaIsKeptWhileABatchIsUncounted) {
  ASSERT_TRUE(take(1, 100));
  EXPECT_FALSE(world.store->migrate_down(services::unposted_usage_schema - 1));
  EXPECT_EQ(world.store->schema_version(), services::unposted_usage_schema);
  EXPECT_EQ(unposted(), 1U);
  ASSERT_TRUE(poster.post_next());
  ASSERT_TRUE(world.store->migrate_down(services::unposted_usage_schema - 1));
  EXPECT_EQ(world.store->schema_version(), services::unposted_usage_schema - 1);
  EXPECT_EQ(used_up(), 100U);
}

TEST_F(UsagePoster, SchemaBeforeCountsInTheCall) {
  ASSERT_TRUE(world.store->migrate_down(services::unposted_usage_schema - 1));
  const auto receipt = take(1, 100);
  ASSERT_TRUE(receipt);
  ASSERT_TRUE(receipt->posted);
  EXPECT_EQ(receipt->posted->added.up, 100U);
  EXPECT_EQ(poster.waiting(), 0U);
  EXPECT_TRUE(poster.sweep());
  EXPECT_EQ(used_up(), 100U);
}

}
}
