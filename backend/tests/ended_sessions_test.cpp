#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_pruning.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using std::chrono::hours;

constexpr std::uint64_t of_another_worker = std::uint64_t{1} << 48U;

struct long_run : test_support::metered_world {
  static services::usage_report_line last(services::usage_report_line row) {
    row.is_final = true;
    return row;
  }
  std::size_t kept(const services::session_numbers& numbers) {
    return services::read_from(*world.store,
                               [&](services::repositories& tables) {
                                 return tables.session_traffic.find(
                                     {.gateway = gateway.id, .epoch = "0a"}, numbers);
                               })
        ->size();
  }
  traffic held() {
    return world.usage.summary({.first_day = "0", .last_day = "9"}, {})->quarantined;
  }
  std::uint64_t prune() { return pruning.run().value().sessions; }

  services::usage_pruning pruning{world.tools};
};

class EndedSessions : public testing::Test, protected long_run {
 protected:
  void SetUp() override {
    ASSERT_TRUE(report(batch(1, {last(line(1, {.up = 100, .down = 50}, token)),
                                 line(2, {.up = 10, .down = 5}, token)})));
  }
  void prune_the_first() {
    world.clock.advance(hours(49));
    ASSERT_EQ(prune(), 1U);
  }
};

TEST_F(EndedSessions, GoAfterTheirHoursWhileTheRunGoesOn) {
  world.clock.advance(hours(47));
  EXPECT_EQ(prune(), 0U);
  world.clock.advance(hours(2));
  EXPECT_EQ(prune(), 1U);
  EXPECT_EQ(prune(), 0U);
  EXPECT_EQ(kept({1}), 0U);
  EXPECT_EQ(kept({2}), 1U);
  EXPECT_EQ(used(), (traffic{.up = 110, .down = 55}));
  ASSERT_TRUE(report(batch(2, {line(2, {.up = 30, .down = 5})})));
  EXPECT_EQ(used(), (traffic{.up = 130, .down = 55}));
}

TEST_F(EndedSessions, LateDuplicateIsHeldAndNotCountedAgain) {
  prune_the_first();
  const auto receipt = report(batch(2, {last(line(1, {.up = 100, .down = 50}, token))}));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->posted.value().quarantined, 1U);
  EXPECT_EQ(receipt->acknowledged.acked_through, 2U);
  EXPECT_EQ(used(), (traffic{.up = 110, .down = 55}));
  EXPECT_EQ(held(), (traffic{.up = 100, .down = 50}));
  const auto longer = report(batch(3, {line(1, {.up = 120, .down = 50})}));
  EXPECT_EQ(longer->posted.value().quarantined, 1U);
  EXPECT_EQ(used(), (traffic{.up = 110, .down = 55}));
  EXPECT_EQ(held(), (traffic{.up = 120, .down = 50}));
}

TEST_F(EndedSessions, SameBatchAgainIsARepetition) {
  prune_the_first();
  const auto again = report(batch(
      1, {last(line(1, {.up = 100, .down = 50}, token)), line(2, {.up = 10, .down = 5}, token)}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->novelty, services::report_novelty::repeated);
  EXPECT_EQ(report(batch(1, {line(1, {.up = 100, .down = 50}, token),
                             line(2, {.up = 10, .down = 5}, token)}))
                .error(),
            services::errc::digest_mismatch);
}

TEST_F(EndedSessions, NumbersBesideAPrunedOneAreCounted) {
  prune_the_first();
  ASSERT_TRUE(report(
      batch(2, {line(3, {.up = 1}, token), line(0, {.up = 2}, token), line(4097, {.up = 4}, token),
                line(of_another_worker + 1, {.up = 8}, token)})));
  EXPECT_EQ(used(), (traffic{.up = 125, .down = 55}));
  EXPECT_EQ(held(), traffic{});
}

TEST_F(EndedSessions, AreKeptWhileABatchOfTheRunIsMissing) {
  ASSERT_TRUE(report(batch(3, {line(2, {.up = 30, .down = 5})})));
  world.clock.advance(hours(49));
  EXPECT_EQ(prune(), 0U);
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 103, .down = 50})})));
  EXPECT_EQ(used(), (traffic{.up = 133, .down = 55}));
  EXPECT_EQ(prune(), 1U);
}

TEST_F(EndedSessions, WhatIsNotEndedStaysHoweverQuietItIs) {
  world.clock.advance(hours(24 * 300));
  EXPECT_EQ(prune(), 1U);
  ASSERT_TRUE(report(batch(2, {line(2, {.up = 11, .down = 5})})));
  EXPECT_EQ(used(), (traffic{.up = 111, .down = 55}));
}

TEST_F(EndedSessions, SecondLastRowPutsItsRemovalOff) {
  world.clock.advance(hours(40));
  ASSERT_TRUE(report(batch(2, {last(line(1, {.up = 101, .down = 50}))})));
  world.clock.advance(hours(40));
  EXPECT_EQ(prune(), 0U);
  world.clock.advance(hours(9));
  EXPECT_EQ(prune(), 1U);
  EXPECT_EQ(used(), (traffic{.up = 111, .down = 55}));
}

TEST_F(EndedSessions, ManyOfARunGoInSeveralBlocks) {
  std::vector<services::usage_report_line> lines;
  for (std::uint64_t number = 4000; number < 4200; ++number) {
    lines.push_back(last(line(number, {.up = 1}, token)));
  }
  ASSERT_TRUE(report(batch(2, lines)));
  world.clock.advance(hours(49));
  EXPECT_EQ(prune(), 201U);
  const auto before = used();
  EXPECT_EQ(report(batch(3, lines))->posted.value().quarantined, 200U);
  EXPECT_EQ(used(), before);
}

TEST_F(EndedSessions, SchemaBeforeKeepsThem) {
  ASSERT_TRUE(world.store->migrate_down(services::ended_session_schema - 1));
  ASSERT_TRUE(report(batch(2, {last(line(2, {.up = 11, .down = 5}))})));
  world.clock.advance(hours(24 * 30));
  EXPECT_EQ(prune(), 0U);
  EXPECT_EQ(kept({1, 2}), 2U);
  EXPECT_EQ(used(), (traffic{.up = 111, .down = 55}));
}

class any_life {
 public:
  void take(std::uint16_t step) {
    auto& one = sessions_[step % sessions_.size()];
    switch (step / 8 % 6) {
      case 0:
      case 1:
        grow(one, step);
        break;
      case 2:
        end(one);
        break;
      case 3:
        repeat(step);
        break;
      case 4:
        run_.world.clock.advance(hours(step % 60));
        break;
      default:
        run_.prune();
    }
  }
  base::byte_count truth() const noexcept { return truth_; }
  base::byte_count used() { return run_.used().up; }

 private:
  struct session {
    std::uint64_t number = 0;
    base::byte_count counted = 0;
    bool introduced = false;
  };

  services::usage_report_line row_of(session& one) {
    const auto proof =
        std::exchange(one.introduced, true) ? std::nullopt : std::optional(run_.token);
    return run_.line(one.number, {.up = one.counted, .down = 0}, proof);
  }
  void send(services::usage_report_line row) {
    RC_ASSERT(run_.report(run_.batch(++seq_, {row})).has_value());
    sent_.push_back(std::move(row));
  }
  void grow(session& one, std::uint16_t step) {
    one.counted += step + 1;
    truth_ += step + 1;
    send(row_of(one));
  }
  void end(session& one) {
    if (one.introduced) {
      send(long_run::last(row_of(one)));
      one = {.number = ++last_number_};
    }
  }
  void repeat(std::uint16_t step) {
    if (!sent_.empty()) {
      auto row = sent_[step % sent_.size()];
      row.token = run_.token;
      RC_ASSERT(run_.report(run_.batch(++seq_, {row})).has_value());
    }
  }

  long_run run_;
  std::uint64_t last_number_ = 3;
  std::vector<session> sessions_{{.number = 1}, {.number = 2}, {.number = 3}};
  std::vector<services::usage_report_line> sent_;
  std::uint64_t seq_ = 0;
  base::byte_count truth_ = 0;
};

RC_GTEST_PROP(EndedSessionsProperty, DuplicatesAndPruningNeverChangeTheSum,
              (const std::vector<std::uint16_t>& steps)) {
  any_life life;
  for (const auto step : steps) {
    life.take(step);
  }
  RC_ASSERT(life.used() == life.truth());
}

}
}
