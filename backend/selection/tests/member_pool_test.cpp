#include "httvps/backend/selection/member_pool.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pool_fixture.hpp"

namespace httvps::backend::selection {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

bool has_event(const std::vector<pool_event>& events, pool_event_kind kind) {
  return std::ranges::count(events, kind, &pool_event::kind) > 0;
}

TEST(MemberPool, SilenceLeadsFromSuspectToGone) {
  pool_fixture world(4);
  world.silence("n0");
  world.run_for(seconds(14));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
  world.run_for(seconds(5));
  EXPECT_EQ(world.unfit("n0"), obstacle::suspect);
  world.run_for(seconds(15));
  EXPECT_EQ(world.unfit("n0"), obstacle::out);
  world.run_for(minutes(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::gone);
}

TEST(MemberPool, MemberWithoutAgentCountsAsAlive) {
  pool_fixture world(2);
  world.pool.put({.id = "plain", .region = "eu", .domain = "p"}, world.now);
  world.run_for(minutes(20));
  EXPECT_EQ(world.unfit("plain"), obstacle::none);
  EXPECT_NEAR(world.pool.find("plain")->factors.headroom, 0.667, 0.001);
}

TEST(MemberPool, MemberThatWasKnownToBeatIsExpectedTo) {
  pool_fixture world(3);
  world.pool.put({.id = "old", .region = "eu", .domain = "o"}, world.now);
  world.pool.expect_heartbeats("old", world.now);
  world.run_for(seconds(14));
  EXPECT_EQ(world.unfit("old"), obstacle::none);
  world.run_for(seconds(17));
  EXPECT_EQ(world.unfit("old"), obstacle::out);
}

TEST(MemberPool, ReturnBeginsSlowly) {
  pool_fixture world(4);
  world.silence("n0");
  world.run_for(seconds(60));
  EXPECT_EQ(world.unfit("n0"), obstacle::out);
  world.beating.push_back("n0");
  world.run_for(seconds(5));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
  EXPECT_LT(world.pool.find("n0")->factors.slow_start, 0.2);
  world.run_for(seconds(60));
  EXPECT_EQ(world.pool.find("n0")->factors.slow_start, 1);
}

TEST(MemberPool, ShortSilenceCostsNoSlowStart) {
  pool_fixture world(4);
  world.silence("n0");
  world.run_for(seconds(20));
  EXPECT_EQ(world.unfit("n0"), obstacle::suspect);
  world.beating.push_back("n0");
  world.run_for(seconds(5));
  EXPECT_EQ(world.pool.find("n0")->factors.slow_start, 1);
}

TEST(MemberPool, PanicKeepsEveryoneInPlace) {
  pool_fixture world(10);
  for (int i = 0; i < 6; ++i) {
    world.silence(fmt::format("n{}", i));
  }
  world.pool.take_events();
  world.run_for(minutes(3));
  EXPECT_EQ(world.count(obstacle::none), 10U);
  EXPECT_TRUE(world.pool.regions().front().is_panicking);
  EXPECT_TRUE(has_event(world.pool.take_events(), pool_event_kind::panic_began));
}

TEST(MemberPool, PanicEndsWhenMostReturn) {
  pool_fixture world(10);
  for (int i = 0; i < 6; ++i) {
    world.silence(fmt::format("n{}", i));
  }
  world.run_for(minutes(1));
  for (int i = 0; i < 3; ++i) {
    world.beating.push_back(fmt::format("n{}", i));
  }
  world.run_for(seconds(6));
  EXPECT_FALSE(world.pool.regions().front().is_panicking);
  EXPECT_EQ(world.count(obstacle::out), 3U);
}

TEST(MemberPool, HalfARegionIsNoPanic) {
  pool_fixture world(2);
  world.silence("n0");
  world.run_for(seconds(40));
  EXPECT_EQ(world.unfit("n0"), obstacle::out);
}

TEST(MemberPool, FailuresInARowEject) {
  pool_fixture world(6);
  world.fail("n0", 4);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
  world.fail("n0", 1);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::ejected);
}

TEST(MemberPool, OneSuccessElsewhereEndsTheRow) {
  pool_fixture world(6);
  world.fail("n0", 4);
  world.run_for(seconds(10));
  world.fail("n0", 50);
  world.succeed("n0", 1);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
  EXPECT_LT(world.pool.find("n0")->factors.quality, 0.1);
}

TEST(MemberPool, EjectionEndsSlowlyAndLastsLongerNextTime) {
  pool_fixture world(6);
  world.fail("n0", 5);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::ejected);
  world.run_for(seconds(30));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
  EXPECT_LT(world.pool.find("n0")->factors.slow_start, 0.3);
  world.fail("n0", 5);
  world.run_for(seconds(10));
  ASSERT_EQ(world.unfit("n0"), obstacle::ejected);
  EXPECT_GT(world.pool.find("n0")->ejected_for, seconds(45));
}

TEST(MemberPool, EjectionsAreForgivenWhenItStaysCalm) {
  pool_fixture world(6);
  world.fail("n0", 5);
  world.run_for(seconds(10 + 30 + 70));
  world.fail("n0", 5);
  world.run_for(seconds(10));
  ASSERT_EQ(world.unfit("n0"), obstacle::ejected);
  EXPECT_LE(world.pool.find("n0")->ejected_for, seconds(30));
}

TEST(MemberPool, SmallRegionsEjectNobody) {
  pool_fixture world(2);
  world.fail("n0", 50);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n0"), obstacle::none);
}

TEST(MemberPool, TheLastOneIsNeverEjected) {
  pool_fixture world(3);
  world.silence("n0");
  world.run_for(seconds(90));
  world.silence("n1");
  world.run_for(seconds(90));
  ASSERT_EQ(world.count(obstacle::out), 2U);
  world.fail("n2", 50);
  world.run_for(seconds(10));
  EXPECT_EQ(world.unfit("n2"), obstacle::none);
}

TEST(MemberPool, EjectionsShrinkWithTheRegion) {
  pool_fixture world(6);
  world.fail("n0", 5);
  world.fail("n1", 5);
  world.run_for(seconds(10));
  ASSERT_EQ(world.count(obstacle::ejected), 2U);
  world.pool.put({.id = "n5", .region = "eu", .domain = "d5", .state = service_state::disabled},
                 world.now);
  world.run_for(seconds(2));
  EXPECT_EQ(world.count(obstacle::ejected), 1U);
}

TEST(MemberPool, ShareIsWhatIsFreeOfTheRegion) {
  pool_fixture world(4);
  EXPECT_NEAR(world.pool.regions().front().share, 0.667, 0.001);
  world.silence("n0");
  world.run_for(seconds(40));
  EXPECT_NEAR(world.pool.regions().front().share, 0.5, 0.001);
}

TEST(MemberPool, UnknownMembersAreToldApart) {
  pool_fixture world(1);
  EXPECT_FALSE(world.pool.note_heartbeat("nobody", {}, world.now));
  EXPECT_FALSE(world.pool.note_outcome({.member = "nobody", .round_trip = {}}, world.now));
  EXPECT_FALSE(world.pool.find("nobody"));
  EXPECT_TRUE(world.pool.standings("nowhere").empty());
}

TEST(MemberPool, MembersMoveAndLeave) {
  pool_fixture world(2);
  world.pool.put({.id = "n1", .region = "us", .domain = "d1"}, world.now);
  EXPECT_EQ(world.pool.standings("eu").size(), 1U);
  EXPECT_EQ(world.pool.standings("us").size(), 1U);
  world.pool.remove("n1");
  EXPECT_TRUE(world.pool.standings("us").empty());
  EXPECT_EQ(world.pool.regions().size(), 1U);
}

TEST(MemberPool, EventsAreBounded) {
  pool_fixture world(1);
  for (std::size_t i = 0; i < most_events + 100; ++i) {
    const auto id = fmt::format("x{}", i);
    world.pool.put({.id = id, .region = "us", .domain = id}, world.now);
    world.pool.expect_heartbeats(id, world.now - std::chrono::hours(1));
  }
  world.run_for(seconds(2));
  EXPECT_EQ(world.pool.take_events().size(), most_events);
  EXPECT_TRUE(world.pool.take_events().empty());
}

RC_GTEST_PROP(MemberPool, NeverEjectsMoreThanAThirdNorTheLast, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 25);
  pool_fixture world(size);
  const auto steps = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0U, 1000U));
  for (const auto step : steps) {
    const auto id = fmt::format("n{}", step % size);
    if (step % 7 == 0) {
      world.silence(id);
    } else if (step % 7 == 1 && std::ranges::count(world.beating, id) == 0) {
      world.beating.push_back(id);
    } else {
      world.fail(id, step % 9);
    }
    world.run_for(seconds(step % 12));
    RC_ASSERT(world.count(obstacle::ejected) <= size / 3);
    RC_ASSERT(world.count(obstacle::ejected) < size);
  }
}

}
}
