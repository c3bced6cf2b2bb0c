#include "httvps/backend/selection/place.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::selection {
namespace {

const region_place frankfurt{.code = "fra", .where = coordinates{50.11, 8.68}};
const region_place london{.code = "lon", .where = coordinates{51.51, -0.13}};
const region_place auckland{.code = "akl", .where = coordinates{-36.85, 174.76}};
const region_place somewhere{.code = "any", .where = {}};

TEST(Place, DistancesAreThoseOfTheGlobe) {
  EXPECT_NEAR(distance_in_km(*frankfurt.where, *london.where), 639, 3);
  EXPECT_NEAR(distance_in_km({0, 0}, {0, 180}), 20015, 1);
  EXPECT_EQ(distance_in_km({10, 20}, {10, 20}), 0);
  EXPECT_NEAR(distance_in_km({0, 179}, {0, -179}), 222.4, 0.2);
}

TEST(Place, SortsByDistanceWithUnknownPlacesLast) {
  const std::vector<region_place> all{somewhere, auckland, london, frankfurt};
  EXPECT_EQ(by_distance("fra", all), (std::vector<std::string>{"fra", "lon", "akl", "any"}));
  EXPECT_EQ(by_distance("any", all), (std::vector<std::string>{"any", "akl", "fra", "lon"}));
}

TEST(Place, StaysWhileAFifthIsFree) {
  EXPECT_EQ(region_with_room("fra", std::vector<region_candidate>{{frankfurt, 0.20}, {london, 1}}),
            "fra");
}

TEST(Place, SpillsToTheNextByDistance) {
  const std::vector<region_candidate> full{{auckland, 1}, {frankfurt, 0.19}, {london, 0.5}};
  EXPECT_EQ(region_with_room("fra", full), "lon");
  const std::vector<region_candidate> two_full{{auckland, 1}, {frankfurt, 0.19}, {london, 0.1}};
  EXPECT_EQ(region_with_room("fra", two_full), "akl");
}

TEST(Place, TakesWhatIsLeftWhenAllAreNearlyFull) {
  const std::vector<region_candidate> all{{auckland, 0.1}, {frankfurt, 0}, {london, 0.05}};
  EXPECT_EQ(region_with_room("fra", all), "lon");
  EXPECT_FALSE(region_with_room("fra", std::vector<region_candidate>{{frankfurt, 0}}));
  EXPECT_FALSE(region_with_room("fra", {}));
}

TEST(Place, HostsOfOneNetworkFailTogether) {
  EXPECT_EQ(failure_domain_of("192.0.2.7"), failure_domain_of("192.0.2.200"));
  EXPECT_NE(failure_domain_of("192.0.2.7"), failure_domain_of("192.0.3.7"));
  EXPECT_EQ(failure_domain_of("2001:db8:1:2::7"), failure_domain_of("2001:db8:1:3::9"));
  EXPECT_NE(failure_domain_of("2001:db8:1::7"), failure_domain_of("2001:db8:2::7"));
  EXPECT_NE(failure_domain_of("a.example"), failure_domain_of("b.example"));
}

}
}
