#include "httvps/gateway/sessions/stream_places.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace httvps::gateway {
namespace {

std::vector<stream_places::place> take(stream_places& places, const std::string& device,
                                       std::size_t wanted) {
  std::vector<stream_places::place> taken;
  while (taken.size() < wanted) {
    auto one = places.take(device);
    if (!one) {
      break;
    }
    taken.push_back(std::move(*one));
  }
  return taken;
}

TEST(StreamPlaces, OneDeviceLeavesRoomForTheOthers) {
  stream_places places({.most = 10, .most_of_one_device = 4});
  const auto greedy = take(places, "dev_greedy", 9);
  EXPECT_EQ(greedy.size(), 4U);
  EXPECT_EQ(take(places, "dev_other", 3).size(), 3U);
}

TEST(StreamPlaces, AllTogetherAreBounded) {
  stream_places places({.most = 5, .most_of_one_device = 4});
  const auto first = take(places, "dev_a", 4);
  const auto second = take(places, "dev_b", 4);
  EXPECT_EQ(second.size(), 1U);
  EXPECT_EQ(places.size(), 5U);
  EXPECT_FALSE(places.take("dev_c"));
}

TEST(StreamPlaces, PlacesComeBackWhenTheirStreamsEnd) {
  stream_places places({.most = 4, .most_of_one_device = 2});
  for (int round = 0; round < 3; ++round) {
    const auto held = take(places, "dev_a", 3);
    EXPECT_EQ(held.size(), 2U);
    EXPECT_EQ(places.size(), 2U);
  }
  EXPECT_EQ(places.size(), 0U);
}

}
}
