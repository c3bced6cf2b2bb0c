#include "httvps/sdk/round_trips.hpp"

#include <gtest/gtest.h>

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

TEST(RoundTrips, NothingIsKnownBeforeTheFirst) {
  const round_trips none;
  EXPECT_EQ(none.count(), 0U);
  EXPECT_TRUE(none.recent().empty());
  EXPECT_FALSE(none.within(95));
}

TEST(RoundTrips, TheLastSixtyFourAreKeptInOrderAndAllAreCounted) {
  round_trips found;
  for (int at = 1; at <= 100; ++at) {
    found.note(std::chrono::milliseconds(at));
  }
  const auto recent = found.recent();
  EXPECT_EQ(found.count(), 100U);
  ASSERT_EQ(recent.size(), round_trips_kept);
  EXPECT_EQ(recent.front(), 37ms);
  EXPECT_EQ(recent.back(), 100ms);
}

TEST(RoundTrips, SharesAreOfSinglesAndHideNoSpike) {
  round_trips found;
  for (int at = 0; at < 18; ++at) {
    found.note(20ms);
  }
  found.note(900ms);
  found.note(900ms);
  EXPECT_EQ(found.within(50), 20ms);
  EXPECT_EQ(found.within(95), 900ms);
}

}
}
