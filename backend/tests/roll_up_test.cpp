#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::roll_up_outcome;
using services::usage_roll_up;

const services::usage_filter all_days{.first_day = "0000-00-00", .last_day = "9999-99-99"};

struct rolled_world : test_support::metered_world {
  traffic shown() { return world.usage.summary(all_days, {})->total; }

  traffic in_days() {
    auto filter = all_days;
    filter.sources = services::usage_sources::days_alone;
    return *services::read_from(
        *world.store, [&](services::repositories& tables) { return tables.ledger.total(filter); });
  }

  std::vector<models::hourly_share> hours() {
    return *services::read_from(*world.store, [](services::repositories& tables) {
      return tables.hours.page({.hours = {.first = "0", .last = "9"}, .most = 1000});
    });
  }

  traffic in_hours() {
    traffic sum;
    for (const auto& share : hours()) {
      sum = models::saturating_sum(sum, share.added);
    }
    return sum;
  }

  std::uint64_t waiting() { return worker.backlog()->batches; }

  usage_roll_up worker{world.tools};
  usage_roll_up rival{world.tools};
};

class RollUp : public testing::Test, protected rolled_world {};

TEST_F(RollUp, UsageIsSeenAtOnceAndStaysTheSameAfterIt) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  EXPECT_EQ(shown(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(in_days(), traffic{});
  EXPECT_EQ(waiting(), 1U);
  const auto done = worker.run();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->batches, 1U);
  EXPECT_EQ(done->rows, 1U);
  EXPECT_EQ(shown(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(used(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(in_days(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(worker.run()->batches, 0U);
  EXPECT_EQ(in_days(), (traffic{.up = 100, .down = 50}));
}

TEST_F(RollUp, QuotaCountsWhatWaits) {
  models::plan small{.code = "small", .quota_bytes = 120};
  const auto other = world.add_user("other");
  const auto limited = world.subscribe(other, world.add_plan(small));
  const auto proof = world.enrol(other, gateway).answer.token;
  ASSERT_TRUE(report(batch(1, {line(5, {.up = 60, .down = 59}, proof)})));
  EXPECT_EQ(world.accounts.subscription(limited.subject.id)->standing,
            models::subscription_standing::active);
  ASSERT_TRUE(report(batch(2, {line(5, {.up = 61, .down = 59})})));
  EXPECT_EQ(world.accounts.subscription(limited.subject.id)->standing,
            models::subscription_standing::limited);
}

TEST_F(RollUp, HoursAreKeptByNodeAndGateway) {
  const auto second = world.add_node("second");
  auto elsewhere = line(1, {.up = 5, .down = 6});
  elsewhere.node = second.id;
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 1, .down = 2}, token), elsewhere})));
  const auto first_hour = models::hour_of(world.clock.system_now());
  world.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 4, .down = 2})})));
  ASSERT_TRUE(worker.run());
  const auto found = hours();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].hour, first_hour);
  EXPECT_EQ(found[2].hour, models::hour_of(world.clock.system_now()));
  EXPECT_EQ(found[2].node, node.id);
  EXPECT_EQ(found[2].gateway, gateway.id);
  EXPECT_EQ(found[2].added, (traffic{.up = 3, .down = 0}));
}

TEST_F(RollUp, OnlyTheHolderOfTheLeaseWorks) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  ASSERT_TRUE(worker.take()->has_value());
  EXPECT_EQ(rival.run()->outcome, roll_up_outcome::held_elsewhere);
  EXPECT_EQ(in_days(), traffic{});
  world.clock.advance(std::chrono::seconds(15));
  EXPECT_EQ(rival.run()->batches, 1U);
  EXPECT_EQ(in_days(), (traffic{.up = 100, .down = 50}));
}

TEST_F(RollUp, WorkerThatLostItsLeaseCommitsNothing) {
  const auto stale = worker.take();
  ASSERT_TRUE(stale->has_value());
  world.clock.advance(std::chrono::seconds(15));
  const auto newer = rival.take();
  ASSERT_TRUE(newer->has_value());
  EXPECT_EQ((*newer)->fence, (*stale)->fence + 1);
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  EXPECT_EQ(worker.pass(**stale).error(), services::errc::lease_lost);
  EXPECT_EQ(in_days(), traffic{});
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(rival.pass(**newer)->batches, 1U);
  EXPECT_EQ(in_days(), (traffic{.up = 100, .down = 50}));
}

TEST_F(RollUp, WorkerWhoseLeaseRanOutCommitsNothing) {
  const auto held = worker.take();
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  world.clock.advance(std::chrono::seconds(15));
  EXPECT_EQ(worker.pass(**held).error(), services::errc::lease_lost);
  EXPECT_EQ(in_days(), traffic{});
}

TEST_F(RollUp, PassesAtTheSameTimeCountEachRowOnce) {
  for (std::uint64_t seq = 1; seq <= 40; ++seq) {
    ASSERT_TRUE(report(batch(seq, {line(1, {.up = seq * 10, .down = seq}, token)})));
  }
  const auto held = worker.take();
  ASSERT_TRUE(held->has_value());
  const auto work = [&] {
    for (int i = 0; i < 4; ++i) {
      static_cast<void>(worker.pass(**held));
    }
  };
  {
    const std::jthread one(work);
    const std::jthread two(work);
  }
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(in_days(), (traffic{.up = 400, .down = 40}));
  EXPECT_EQ(in_hours(), (traffic{.up = 400, .down = 40}));
}

TEST_F(RollUp, SumsSaturateInsteadOfOverflowing) {
  const auto most = models::largest_counter;
  ASSERT_TRUE(report(batch(1, {line(1, {.up = most, .down = 1}, token)})));
  ASSERT_TRUE(worker.run());
  ASSERT_TRUE(report(batch(2, {line(2, {.up = most, .down = 1}, token)})));
  EXPECT_EQ(shown(), (traffic{.up = most, .down = 2}));
  ASSERT_TRUE(worker.run());
  EXPECT_EQ(shown(), (traffic{.up = most, .down = 2}));
  EXPECT_EQ(in_hours(), (traffic{.up = most, .down = 2}));
}

TEST_F(RollUp, SchemaBeforeTheJournalIsCountedAtOnce) {
  ASSERT_TRUE(world.store->migrate_down(services::usage_journal_schema - 1));
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  EXPECT_EQ(shown(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(in_days(), (traffic{.up = 100, .down = 50}));
  EXPECT_EQ(worker.run()->outcome, roll_up_outcome::schema_too_old);
  EXPECT_EQ(waiting(), 0U);
  ASSERT_TRUE(world.store->migrate_up());
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 130, .down = 50})})));
  EXPECT_EQ(waiting(), 1U);
  ASSERT_TRUE(worker.run());
  EXPECT_EQ(shown(), (traffic{.up = 130, .down = 50}));
  EXPECT_EQ(used(), (traffic{.up = 130, .down = 50}));
}

TEST_F(RollUp, TakingTheJournalBackKeepsWhatWaits) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  ASSERT_TRUE(worker.run());
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 130, .down = 50})})));
  ASSERT_TRUE(world.store->migrate_down(services::usage_journal_schema - 1));
  EXPECT_EQ(in_days(), (traffic{.up = 130, .down = 50}));
}

RC_GTEST_PROP(RollUpProperty, EachByteIsInDaysHoursAndPeriodOnce,
              (const std::vector<std::uint16_t>& steps, std::uint32_t seed)) {
  rolled_world metered;
  base::seeded_random order(seed);
  const auto nodes = std::vector{metered.node.id, metered.world.add_node("second").id};
  std::map<std::size_t, traffic> counters;
  traffic truth;
  for (std::size_t i = 0; i < steps.size() % 12; ++i) {
    const auto at = order.below(nodes.size());
    const traffic grown{.up = steps[i], .down = steps[i] / 3U};
    counters[at] = models::saturating_sum(counters[at], grown);
    truth = models::saturating_sum(truth, grown);
    auto line = metered.line(1, counters[at], metered.token);
    line.node = nodes[at];
    const auto sent = metered.batch(i + 1, {line});
    for (std::size_t repeats = 0; repeats <= order.below(2); ++repeats) {
      RC_ASSERT((metered.report(sent).has_value()));
    }
    if (order.below(3) == 0) {
      RC_ASSERT((metered.worker.run().has_value()));
    }
    RC_ASSERT((metered.shown() == truth));
  }
  RC_ASSERT((metered.worker.run().has_value()));
  RC_ASSERT((metered.in_days() == truth));
  RC_ASSERT((metered.in_hours() == truth));
  RC_ASSERT((metered.used() == truth));
}

}
}
