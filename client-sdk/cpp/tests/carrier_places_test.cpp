#include <gtest/gtest.h>

#include "httvps/sdk/carrier_keeper.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

constexpr carrier_demand pressing{.open_streams = 1, .emergency = true};

struct kept {
  explicit kept(keeper_settings chosen) : keeper(chosen, random) {}

  void serve(std::uint64_t number) {
    const auto plan = keeper.plan(pressing, now);
    ASSERT_TRUE(plan.dial);
    kinds.push_back(*plan.dial);
    keeper.note_dialling(*plan.dial);
    keeper.note_attached(wire::carrier_number{number}, *plan.dial, now);
    keeper.note_ready(wire::carrier_number{number});
  }

  base::seeded_random random{1};
  base::steady_time now{1h};
  carrier_keeper keeper;
  std::vector<carrier_kind> kinds;
};

TEST(CarrierPlaces, EndedCarrierHoldsItsPlaceUntilItIsClosed) {
  kept with({.carriers_most = 2});
  with.serve(1);
  with.serve(2);
  with.keeper.note_ended(wire::carrier_number{1}, with.now);
  EXPECT_FALSE(with.keeper.plan(pressing, with.now).dial);
  with.keeper.note_closed(wire::carrier_number{1});
  EXPECT_TRUE(with.keeper.plan(pressing, with.now).dial);
}

TEST(CarrierPlaces, ConnectionsOfOtherSessionsTakePlaces) {
  kept with({.carriers_most = 3});
  with.serve(1);
  auto crowded = pressing;
  crowded.connections = 3;
  EXPECT_FALSE(with.keeper.plan(crowded, with.now).dial);
  crowded.connections = 2;
  EXPECT_TRUE(with.keeper.plan(crowded, with.now).dial);
}

TEST(CarrierPlaces, MixedPatternBeginsWithHttp2AndGoesOnWithHttp1) {
  kept with({});
  with.serve(1);
  with.serve(2);
  EXPECT_EQ(with.kinds, (std::vector{carrier_kind::http2, carrier_kind::http1}));
}

TEST(CarrierPlaces, PatternOfOneKindDialsNoOther) {
  kept first({.pattern = carrier_pattern::http1});
  first.serve(1);
  first.serve(2);
  EXPECT_EQ(first.kinds, std::vector(2, carrier_kind::http1));
  kept second({.pattern = carrier_pattern::http2});
  second.serve(1);
  second.serve(2);
  EXPECT_EQ(second.kinds, std::vector(2, carrier_kind::http2));
}

}
}
