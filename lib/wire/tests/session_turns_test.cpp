#include <gtest/gtest.h>

#include <algorithm>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(Session, StreamsTakeTurnsOnTheCarrier) {
  machine_pair pair;
  pair.connect();
  const auto first = open_stream(pair);
  const auto second = open_stream(pair);
  pair.client.send_pattern(first, 200'000);
  pair.client.send_pattern(second, 10'000);
  const auto flight = produce_all(pair.client, pair.carrier, pair.now);
  ASSERT_TRUE(pair.gateway.session.receive(pair.carrier, flight, pair.gateway, pair.now));
  EXPECT_EQ(pair.gateway.streams[second].received, 10'000U);
  EXPECT_LT(pair.gateway.streams[first].received, 65'536U);
}

std::size_t largest_payload(const std::vector<frame>& frames) {
  std::size_t largest = 0;
  for (const auto& each : frames) {
    if (const auto* data = std::get_if<data_frame>(&each)) {
      largest = std::max(largest, data->payload.size());
    }
  }
  return largest;
}

TEST(Session, TurnsShrinkWithThePaceOfTheCarrierAndTheStreamsThatShareIt) {
  machine_pair pair;
  pair.connect();
  std::vector<stream_id> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(open_stream(pair));
  }
  for (int i = 0; i < 4; ++i) {
    pair.client.send_pattern(ids[0], 200'000);
    pair.exchange();
  }
  const auto largest_turn = [&](byte_count pace) {
    for (const auto id : ids) {
      EXPECT_EQ(pair.client.send_pattern(id, 30'000), 30'000U);
    }
    pair.client.session.set_pace(pair.carrier, pace);
    const auto flight = produce_all(pair.client, pair.carrier, pair.now);
    EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, flight, pair.gateway, pair.now));
    pair.settle_for(300ms);
    return largest_payload(frames_in(flight));
  };
  EXPECT_EQ(largest_turn(0), data_payload_most);
  EXPECT_LE(largest_turn(10'000), 10'000U);
  EXPECT_EQ(largest_turn(1000), 2048U);
  EXPECT_EQ(largest_turn(1'000'000), data_payload_most);
}

TEST(Session, BulkFramingStaysBelowOnePercent) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  for (int i = 0; i < 100; ++i) {
    pair.gateway.send_pattern(id, 250'000);
    pair.exchange();
  }
  const auto& counters = pair.gateway.session.counters();
  EXPECT_GT(counters.payload_sent, 10'000'000U);
  EXPECT_LT(counters.framing_sent * 100, counters.payload_sent);
}

}
}
