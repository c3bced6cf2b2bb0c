#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "pool_fixture.hpp"

namespace httvps::backend::selection {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Choice, RotatesByWeight) {
  pool_fixture world(0);
  world.load = {};
  world.add({.id = "a", .region = "eu", .domain = "a", .weight = 5});
  world.add({.id = "b", .region = "eu", .domain = "b"});
  world.add({.id = "c", .region = "eu", .domain = "c"});
  world.run_for(seconds(70));
  std::string names;
  for (int i = 0; i < 14; ++i) {
    names += world.choose()->members.front();
  }
  EXPECT_EQ(names, "aabacaaaabacaa");
}

TEST(Choice, LooksAheadWithoutTurning) {
  pool_fixture world(3);
  const choice_request wanted{.region = "eu", .key = "device", .held = {}, .granted = {}};
  const auto first = world.pool.preview(wanted)->members;
  EXPECT_EQ(world.pool.preview(wanted)->members, first);
  EXPECT_EQ(world.pool.choose(wanted)->members, first);
  EXPECT_NE(world.pool.preview(wanted)->members.front(), first.front());
}

TEST(Choice, KeepsTheHeldNodeWhileItIsHalfAsGood) {
  pool_fixture world(0);
  world.add({.id = "good", .region = "eu", .domain = "g", .weight = 2});
  world.add({.id = "fair", .region = "eu", .domain = "f", .weight = 1});
  world.add({.id = "poor", .region = "eu", .domain = "p", .weight = 0.9});
  world.run_for(seconds(70));
  const auto kept = world.choose("fair");
  EXPECT_EQ(kept->reason, choice_reason::kept);
  EXPECT_EQ(kept->members.front(), "fair");
  EXPECT_EQ(world.choose("poor")->reason, choice_reason::outweighed);
}

TEST(Choice, AnEmptyNodeDrawsNobodyAway) {
  pool_fixture world(4);
  world.load.cpu = 0.7;
  world.run_for(seconds(60));
  world.silence("n0");
  for (int i = 0; i < 60; ++i) {
    world.pool.note_heartbeat("n0", {}, world.now);
    world.run_for(seconds(1));
  }
  ASSERT_LT(world.pool.find("n1")->factors.weight(), 0.4 * world.pool.find("n0")->factors.weight());
  EXPECT_EQ(world.choose("n1")->reason, choice_reason::kept);
}

TEST(Choice, AnOverloadedNodeIsLeft) {
  pool_fixture world(4);
  world.silence("n0");
  for (int i = 0; i < 60; ++i) {
    world.pool.note_heartbeat("n0", {.cpu = 0.8}, world.now);
    world.run_for(seconds(1));
  }
  EXPECT_EQ(world.choose("n0")->reason, choice_reason::outweighed);
}

TEST(Choice, SaysWhyAHeldNodeWasLeft) {
  pool_fixture world(9);
  EXPECT_EQ(world.choose()->reason, choice_reason::first);
  EXPECT_EQ(world.choose("nobody")->reason, choice_reason::withdrawn);
  world.silence("n0");
  world.run_for(seconds(40));
  EXPECT_EQ(world.choose("n0")->reason, choice_reason::unhealthy);
  world.fail("n1", 5);
  world.run_for(seconds(10));
  EXPECT_EQ(world.choose("n1")->reason, choice_reason::ejected);
  world.pool.put({.id = "n2", .region = "eu", .domain = "d2", .state = service_state::disabled},
                 world.now);
  EXPECT_EQ(world.choose("n2")->reason, choice_reason::withdrawn);
  const auto elsewhere = world.pool.choose(
      {.region = "eu", .key = "device", .held = "n3", .granted = std::vector<std::string>{"n4"}});
  EXPECT_EQ(elsewhere->reason, choice_reason::withdrawn);
  EXPECT_EQ(elsewhere->members, std::vector<std::string>{"n4"});
}

TEST(Choice, DrainingNodeKeepsItsLeasesAndGetsNoNewOnes) {
  pool_fixture world(3);
  world.pool.put({.id = "n0", .region = "eu", .domain = "d0", .state = service_state::draining},
                 world.now);
  const auto held = world.choose("n0");
  EXPECT_EQ(held->reason, choice_reason::running_out);
  EXPECT_EQ(held->members.front(), "n0");
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(world.choose()->members.front(), "n0");
  }
}

TEST(Choice, SuspectNodeKeepsItsLeasesAndGetsNoNewOnes) {
  pool_fixture world(3);
  world.silence("n0");
  world.run_for(seconds(20));
  ASSERT_EQ(world.unfit("n0"), obstacle::suspect);
  EXPECT_EQ(world.choose("n0")->reason, choice_reason::running_out);
  EXPECT_EQ(world.choose("n0")->members.front(), "n0");
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(world.choose()->members.front(), "n0");
  }
}

TEST(Choice, DrainingNodeThatDiedIsLeft) {
  pool_fixture world(3);
  world.pool.put({.id = "n0", .region = "eu", .domain = "d0", .state = service_state::draining},
                 world.now);
  world.silence("n0");
  world.run_for(seconds(40));
  EXPECT_NE(world.choose("n0")->members.front(), "n0");
}

TEST(Choice, ReturningNodeKeepsThoseWhoStayed) {
  pool_fixture world(4);
  world.silence("n0");
  world.run_for(seconds(40));
  world.beating.push_back("n0");
  world.run_for(seconds(6));
  ASSERT_LT(world.pool.find("n0")->factors.slow_start, 0.5);
  EXPECT_EQ(world.choose("n0")->reason, choice_reason::kept);
}

TEST(Choice, OldReportsMoveNobody) {
  pool_fixture world(10);
  world.load = {.cpu = 0.5};
  world.run_for(seconds(60));
  for (int i = 0; i < 6; ++i) {
    world.silence(fmt::format("n{}", i));
  }
  world.run_for(seconds(60));
  ASSERT_EQ(world.pool.find("n0")->factors.freshness, 0.5);
  EXPECT_EQ(world.choose("n0")->reason, choice_reason::kept);
}

TEST(Choice, OffersThreeFromDistinctFailureDomains) {
  pool_fixture world(0);
  for (int i = 0; i < 9; ++i) {
    world.add({.id = fmt::format("n{}", i), .region = "eu", .domain = fmt::format("d{}", i / 3)});
  }
  world.run_for(seconds(70));
  for (int i = 0; i < 30; ++i) {
    const auto made = world.choose({}, fmt::format("device{}", i));
    ASSERT_EQ(made->members.size(), 3U);
    std::set<std::string> domains;
    for (const auto& id : made->members) {
      domains.insert(world.pool.find(id)->domain);
    }
    EXPECT_EQ(domains.size(), 3U);
  }
}

TEST(Choice, FillsUpWithinADomainWhenThereIsNoOther) {
  pool_fixture world(0);
  for (int i = 0; i < 4; ++i) {
    world.add({.id = fmt::format("n{}", i), .region = "eu", .domain = i == 3 ? "b" : "a"});
  }
  world.run_for(seconds(70));
  const auto made = world.choose();
  ASSERT_EQ(made->members.size(), 3U);
  EXPECT_NE(world.pool.find(made->members[0])->domain, world.pool.find(made->members[1])->domain);
}

TEST(Choice, ReservesOfOneNodeAreSpreadOverAllOthers) {
  pool_fixture world(11);
  std::map<std::string, int> seconds_of;
  for (int i = 0; i < 4000; ++i) {
    ++seconds_of[world.choose("n0", fmt::format("device{}", i))->members[1]];
  }
  EXPECT_EQ(seconds_of.size(), 10U);
  for (const auto& [id, count] : seconds_of) {
    EXPECT_NEAR(count, 400, 80) << id;
  }
}

TEST(Choice, ReservesStayTheSameForADevice) {
  pool_fixture world(11);
  EXPECT_EQ(world.choose("n0")->members, world.choose("n0")->members);
}

TEST(Choice, NobodyFitMeansNoChoice) {
  pool_fixture world(0);
  EXPECT_FALSE(world.choose());
  world.add({.id = "n0", .region = "eu", .domain = "d", .state = service_state::disabled});
  world.run_for(seconds(2));
  EXPECT_FALSE(world.choose());
  EXPECT_FALSE(world.choose("n0"));
}

TEST(Choice, LoadMovesTheRotation) {
  pool_fixture world(2);
  world.silence("n0");
  for (int i = 0; i < 60; ++i) {
    world.pool.note_heartbeat("n0", {.sessions = 0, .cpu = 0.75, .bits_per_second = 0}, world.now);
    world.run_for(seconds(1));
  }
  std::map<std::string, int> count;
  for (int i = 0; i < 100; ++i) {
    ++count[world.choose()->members.front()];
  }
  EXPECT_NEAR(count["n0"], 20, 2);
}

TEST(Lease, IsAQuarterOfAnHourGiveOrTakeAFifth) {
  EXPECT_EQ(lease_length(0), minutes(12));
  EXPECT_EQ(lease_length(360'000), minutes(18));
  EXPECT_EQ(lease_length(360'001), minutes(12));
}

RC_GTEST_PROP(Lease, StaysWithinItsBounds, (std::uint64_t random)) {
  RC_ASSERT(lease_length(random) >= minutes(12));
  RC_ASSERT(lease_length(random) <= minutes(18));
}

RC_GTEST_PROP(Choice, GivesOnlyWhatIsFitAndGranted, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 12);
  pool_fixture world(size);
  std::vector<std::string> granted;
  for (std::size_t i = 0; i < size; ++i) {
    const auto id = fmt::format("n{}", i);
    const auto fate = *rc::gen::inRange(0, 4);
    if (fate == 0) {
      world.pool.put({.id = id, .region = "eu", .domain = "d", .state = service_state::draining},
                     world.now);
    }
    if (fate != 1) {
      granted.push_back(id);
    }
  }
  const auto made =
      world.pool.choose({.region = "eu", .key = "device", .held = {}, .granted = granted});
  for (const auto& id : made ? made->members : std::vector<std::string>()) {
    RC_ASSERT((std::ranges::count(granted, id) > 0));
    RC_ASSERT(world.pool.find(id)->unfit == obstacle::none);
  }
}

}
}
