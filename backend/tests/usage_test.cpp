#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::errc;
using services::report_novelty;
using services::usage_report;
using test_support::metered_world;

class UsageReports : public testing::Test, protected metered_world {};

TEST_F(UsageReports, AddsGrowthOnceAndNeverTwice) {
  const auto first = report(batch(1, {line(1, {.up = 100, .down = 50}, token)}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->acknowledged.acked_through, 1U);
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 150, .down = 50})})));
  EXPECT_EQ(used(), (traffic{.up = 150, .down = 50}));
}

TEST_F(UsageReports, RepeatedBatchIsAcknowledgedAndNotCounted) {
  const auto sent = batch(1, {line(1, {.up = 100, .down = 50}, token)});
  ASSERT_TRUE(report(sent));
  const auto again = report(sent);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->novelty, report_novelty::repeated);
  EXPECT_EQ(again->acknowledged.acked_through, 1U);
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
}

TEST_F(UsageReports, SameNumberWithOtherContentIsAConflict) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  const auto other = report(batch(1, {line(1, {.up = 101, .down = 50}, token)}));
  EXPECT_EQ(other.error(), errc::digest_mismatch);
  const auto third = report(batch(1, {line(1, {.up = 100, .down = 51}, token)}));
  EXPECT_EQ(third.error(), errc::digest_mismatch);
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
}

TEST_F(UsageReports, TokenThatDoesNotAllowTheReportingGatewayCountsForNobody) {
  auto claims = world.authority.verify_token(token, identity::expiry_grace::none())->claims;
  claims.gateways = {"gw_elsewhere"};
  const auto foreign = *world.authority.sign(claims);
  const auto held = report(batch(1, {line(1, {.up = 100, .down = 50}, foreign)}));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->posted.value().quarantined, 1U);
  EXPECT_EQ(used(), traffic{});
}

TEST_F(UsageReports, CountersThatGoDownAreIgnored) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  const auto lower = report(batch(2, {line(1, {.up = 20, .down = 60})}));
  ASSERT_TRUE(lower);
  EXPECT_EQ(lower->posted.value().went_down, 1U);
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 60}));
  ASSERT_TRUE(report(batch(3, {line(1, {.up = 101, .down = 60})})));
  EXPECT_EQ(used(), (traffic{.up = 101, .down = 60}));
}

TEST_F(UsageReports, RowsWithoutAKnownSessionAreHeldUntilItsTokenComes) {
  const auto held = report(batch(2, {line(1, {.up = 300, .down = 10})}));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->posted.value().quarantined, 1U);
  EXPECT_EQ(held->acknowledged.acked_through, 0U);
  EXPECT_EQ(held->acknowledged.gaps, (std::vector<models::sequence_gap>{{1, 1}}));
  EXPECT_EQ(used(), traffic{});
  const auto late = report(batch(1, {line(1, {.up = 100, .down = 5}, token)}));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->acknowledged.acked_through, 2U);
  EXPECT_EQ(used(), (traffic{.up = 300, .down = 10}));
  const auto summary = world.usage.summary({.first_day = "0", .last_day = "9"}, {});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->quarantined, traffic{});
  EXPECT_EQ(summary->total, (traffic{.up = 300, .down = 10}));
}

TEST_F(UsageReports, RowsWithAForgedTokenOrAnUnknownNodeAreHeld) {
  auto forged = token;
  forged[50] = forged[50] == 'A' ? 'B' : 'A';
  auto nowhere = line(2, {.up = 7, .down = 7}, token);
  nowhere.node = models::node_id::make(world.clock.system_now(), world.random);
  const auto held = report(batch(1, {line(1, {.up = 5, .down = 5}, forged), nowhere}));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->posted.value().quarantined, 2U);
  EXPECT_EQ(used(), traffic{});
  const auto summary = world.usage.summary({.first_day = "0", .last_day = "9"}, {});
  EXPECT_EQ(summary->quarantined, (traffic{.up = 12, .down = 12}));
}

TEST_F(UsageReports, AttributionComesFromTheTokenAndStays) {
  const auto other = world.add_user("other");
  const auto second = world.subscribe(other, terms);
  const auto foreign = world.enrol(other, gateway).answer.token;
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 10, .down = 0}, token)})));
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 30, .down = 0}, foreign)})));
  EXPECT_EQ(used(), (traffic{.up = 30, .down = 0}));
  EXPECT_EQ(world.used_by(second.subject.id), traffic{});
}

TEST_F(UsageReports, NewEpochStartsItsCountersAgain) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 0}, token)})));
  auto next = batch(1, {line(1, {.up = 40, .down = 0}, token)});
  next.epoch = "0b";
  ASSERT_TRUE(report(next));
  EXPECT_EQ(used(), (traffic{.up = 140, .down = 0}));
}

TEST_F(UsageReports, TokenOfALongSessionIsAcceptedAfterItsEnd) {
  world.clock.advance(std::chrono::hours(20));
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 0}, token)})));
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 0}));
}

TEST_F(UsageReports, SequenceFarAheadIsRefused) {
  EXPECT_TRUE(report(batch(services::furthest_sequence, {})));
  EXPECT_EQ(report(batch(services::furthest_sequence + 1, {})).error(), errc::sequence_too_far);
}

TEST_F(UsageReports, SumsSaturateInsteadOfOverflowing) {
  const auto most = models::largest_counter;
  ASSERT_TRUE(report(batch(
      1, {line(1, {.up = most, .down = 1}, token), line(2, {.up = most, .down = 1}, token)})));
  EXPECT_EQ(used(), (traffic{.up = most, .down = 2}));
}

TEST_F(UsageReports, SummaryFiltersAndPages) {
  const auto second = world.add_node("second");
  auto elsewhere = line(1, {.up = 5, .down = 6});
  elsewhere.node = second.id;
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 1, .down = 2}, token), elsewhere})));
  const auto one = world.usage.summary(
      {.node = second.id, .first_day = "0000-00-00", .last_day = "9999-99-99"}, {});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->total, (traffic{.up = 5, .down = 6}));
  const services::usage_filter all{.first_day = "0000-00-00", .last_day = "9999-99-99"};
  const auto page = world.usage.summary(all, {.after = "", .size = 1});
  ASSERT_EQ(page->rows.items.size(), 1U);
  EXPECT_TRUE(page->rows.more);
  const auto& last = page->rows.items.front();
  const auto rest = world.usage.summary(
      all, {.after = last.day + "/" + last.device.text() + "/" + last.node.text(), .size = 1});
  ASSERT_EQ(rest->rows.items.size(), 1U);
  EXPECT_FALSE(rest->rows.more);
  EXPECT_NE(rest->rows.items.front().node, last.node);
}

RC_GTEST_PROP(UsageProperty, DeliveryInAnyOrderWithRepeatsCountsEachByteOnce,
              (const std::vector<std::uint16_t>& steps, std::uint32_t seed)) {
  metered_world metered;
  std::vector<usage_report> batches;
  traffic truth;
  for (std::size_t i = 0; i < steps.size() % 8; ++i) {
    truth.up += steps[i];
    truth.down += steps[i] / 3;
    batches.push_back(metered.batch(
        i + 1, {metered.line(1, truth, i == 0 ? std::optional(metered.token) : std::nullopt)}));
  }
  auto delivered = batches;
  delivered.insert(delivered.end(), batches.begin(), batches.end());
  base::seeded_random order(seed);
  for (std::size_t i = delivered.size(); i > 1; --i) {
    std::swap(delivered[i - 1], delivered[order.below(i)]);
  }
  std::uint64_t acked = 0;
  for (const auto& sent : delivered) {
    const auto receipt = metered.report(sent);
    RC_ASSERT((receipt.has_value()));
    acked = receipt->acknowledged.acked_through;
  }
  RC_ASSERT((acked == batches.size()));
  RC_ASSERT((metered.used() == truth));
}

}
}
