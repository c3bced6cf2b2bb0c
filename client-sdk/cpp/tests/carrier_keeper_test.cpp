#include "httvps/sdk/carrier_keeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

constexpr carrier_demand idle{};
constexpr carrier_demand busy{.open_streams = 1};
constexpr carrier_demand emergency{.open_streams = 1, .emergency = true};

struct kept {
  std::optional<carrier_kind> ask(const carrier_demand& demand) {
    last = keeper.plan(demand, now);
    return last.dial;
  }

  void dial(carrier_kind kind) { keeper.note_dialling(kind); }

  wire::carrier_number arrive(carrier_kind kind) {
    const wire::carrier_number number{++numbers};
    keeper.note_attached(number, kind, now);
    keeper.note_ready(number);
    return number;
  }

  wire::carrier_number add(const carrier_demand& demand) {
    const auto kind = ask(demand);
    EXPECT_TRUE(kind);
    dial(kind.value_or(carrier_kind::http2));
    return arrive(kind.value_or(carrier_kind::http2));
  }

  base::seeded_random random{1};
  carrier_keeper keeper{{}, random};
  base::steady_time now{1h};
  std::uint64_t numbers = 0;
  keeper_plan last;
};

using numbers = std::vector<wire::carrier_number>;

TEST(CarrierKeeper, FirstIsHttp2AndASecondOneOverHttp1ComesWithLastingStreams) {
  kept with;
  EXPECT_EQ(with.ask(idle), carrier_kind::http2);
  with.dial(carrier_kind::http2);
  EXPECT_EQ(with.ask(idle), std::nullopt);
  with.arrive(carrier_kind::http2);
  EXPECT_EQ(with.ask(busy), std::nullopt);
  with.now += 499ms;
  EXPECT_EQ(with.ask(busy), std::nullopt);
  EXPECT_EQ(with.last.look_again, with.now + 1ms);
  with.now += 1ms;
  EXPECT_EQ(with.ask(busy), carrier_kind::http1);
}

TEST(CarrierKeeper, OneIsLeftAfterAMinuteWithoutStreams) {
  kept with;
  const auto first = with.add(idle);
  with.ask(busy);
  with.now += 500ms;
  const auto second = with.add(busy);
  with.now += 59s;
  EXPECT_EQ(with.ask(idle), std::nullopt);
  EXPECT_TRUE(with.last.retire.empty());
  with.now += 1s;
  EXPECT_EQ(with.ask(idle), std::nullopt);
  EXPECT_EQ(with.last.retire, numbers{second});
  EXPECT_NE(first, second);
}

TEST(CarrierKeeper, OldOneIsReplacedBeforeItGoes) {
  kept with;
  const auto old = with.add(idle);
  with.now += 30min - 1s;
  EXPECT_EQ(with.ask(idle), std::nullopt);
  with.now += 20min + 1s;
  const auto kind = with.ask(idle);
  ASSERT_TRUE(kind);
  EXPECT_TRUE(with.last.retire.empty());
  with.dial(*kind);
  EXPECT_EQ(with.ask(idle), std::nullopt);
  EXPECT_TRUE(with.last.retire.empty());
  with.arrive(*kind);
  with.ask(idle);
  EXPECT_EQ(with.last.retire, numbers{old});
}

TEST(CarrierKeeper, AgesOfRenewalAreSpread) {
  std::vector<int> minutes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    kept with;
    with.random = base::seeded_random(seed);
    with.add(idle);
    with.now += 30min;
    int after = 30;
    for (; after < 50 && !with.ask(idle); ++after) {
      with.now += 1min;
    }
    minutes.push_back(after);
  }
  const auto [least, most] = std::ranges::minmax(minutes);
  EXPECT_GE(least, 30);
  EXPECT_LE(most, 50);
  EXPECT_GE(most - least, 10);
}

TEST(CarrierKeeper, SuspectOneIsReplacedAtOnceAndDroppedOnceAnotherServes) {
  kept with;
  const auto frozen = with.add(idle);
  with.keeper.note_suspected(frozen, with.now);
  EXPECT_EQ(with.ask(idle), carrier_kind::http2);
  with.dial(carrier_kind::http2);
  with.now += 5s;
  with.ask(idle);
  EXPECT_TRUE(with.last.drop.empty());
  with.arrive(carrier_kind::http2);
  with.ask(idle);
  EXPECT_EQ(with.last.drop, numbers{frozen});
}

TEST(CarrierKeeper, SuspectOneMayRecoverForHalfASecond) {
  kept with;
  const auto frozen = with.add(emergency);
  with.add(emergency);
  with.keeper.note_suspected(frozen, with.now);
  with.now += 499ms;
  with.ask(busy);
  EXPECT_TRUE(with.last.drop.empty());
  with.now += 1ms;
  with.ask(busy);
  EXPECT_EQ(with.last.drop, numbers{frozen});
}

TEST(CarrierKeeper, NeverMoreThanThreeWithDialsAndSuspectsCounted) {
  kept with;
  for (int i = 0; i < 2; ++i) {
    with.add(emergency);
  }
  ASSERT_TRUE(with.ask(emergency));
  with.dial(carrier_kind::http1);
  EXPECT_EQ(with.ask(emergency), std::nullopt);
  const auto third = with.arrive(carrier_kind::http1);
  EXPECT_EQ(with.ask(emergency), std::nullopt);
  with.keeper.note_suspected(third, with.now);
  ASSERT_TRUE(with.ask(emergency));
  EXPECT_EQ(with.last.drop, numbers{third});
}

TEST(CarrierKeeper, DialUnderWayCountsBesideASuspect) {
  kept with;
  const auto first = with.add(emergency);
  with.add(emergency);
  with.keeper.note_suspected(first, with.now);
  ASSERT_TRUE(with.ask(emergency));
  with.dial(*with.last.dial);
  with.ask(emergency);
  EXPECT_TRUE(with.last.dial);
  EXPECT_EQ(with.last.drop, numbers{first});
}

TEST(CarrierKeeper, MuteOneIsDroppedAfterItsPatience) {
  kept with;
  with.dial(carrier_kind::http2);
  with.keeper.note_attached(wire::carrier_number{1}, carrier_kind::http2, with.now);
  with.now += 15s - 1ms;
  with.ask(idle);
  EXPECT_TRUE(with.last.drop.empty());
  with.now += 1ms;
  with.ask(idle);
  EXPECT_EQ(with.last.drop, numbers{wire::carrier_number{1}});
}

TEST(CarrierKeeper, FirstFailureIsTriedAgainAtOnceAndOthersAreSpacedWiderUpToFiveSeconds) {
  kept with;
  std::vector<base::duration> pauses;
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(with.ask(idle));
    with.dial(carrier_kind::http2);
    with.keeper.note_dial_failed(carrier_kind::http2, with.now);
    const auto began = with.now;
    while (!with.ask(idle)) {
      ASSERT_GT(with.last.look_again, with.now);
      with.now = with.last.look_again;
    }
    pauses.push_back(with.now - began);
  }
  EXPECT_EQ(pauses.front(), 0ms);
  EXPECT_EQ(pauses[1], 100ms);
  EXPECT_EQ(pauses[2], 200ms);
  EXPECT_EQ(pauses.back(), 5s);
  with.dial(carrier_kind::http2);
  with.arrive(carrier_kind::http2);
  with.keeper.note_ended(wire::carrier_number{1}, with.now);
  EXPECT_TRUE(with.ask(idle));
}

TEST(CarrierKeeper, OtherAgesHoldForTheCarriersThatAreThere) {
  kept with;
  const auto first = with.add(idle);
  with.now += 2min;
  EXPECT_EQ(with.ask(idle), std::nullopt);
  with.keeper.use({.age_least = 1min, .age_most = 1min});
  EXPECT_TRUE(with.ask(idle));
  with.dial(carrier_kind::http2);
  with.arrive(carrier_kind::http2);
  static_cast<void>(with.ask(idle));
  EXPECT_EQ(with.last.retire, numbers{first});
}

TEST(CarrierKeeper, LowerCapRetiresWhatIsOverIt) {
  kept with;
  with.add(idle);
  static_cast<void>(with.ask(busy));
  with.now += 500ms;
  const auto second = with.add(busy);
  with.keeper.use({.carriers_most = 1});
  static_cast<void>(with.ask(busy));
  EXPECT_EQ(with.last.retire, numbers{second});
}

}
}
