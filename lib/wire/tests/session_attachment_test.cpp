#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(Session, LostCarrierWithoutGraceEndsEveryStreamOnBothSidesAndFreesMemory) {
  session_limits limits;
  limits.detached_for = 0s;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, 100'000);
  pair.exchange();
  pair.client.session.detach(pair.carrier, pair.now);
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.client.drain_events();
  pair.gateway.drain_events();
  EXPECT_EQ(pair.client.streams[id].reset, errc::carrier_lost);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::carrier_lost);
  EXPECT_TRUE(pair.client.session.ended() && pair.gateway.session.ended());
  EXPECT_EQ(pair.client.pool.used() + pair.gateway.pool.used(), 0U);
}

TEST(Session, CarrierNumbersAreSingleUse) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect(5);
  pair.client.session.detach(pair.carrier, pair.now);
  const auto again = pair.client.session.attach({.carrier = carrier_number{5}}, pair.now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), errc::carrier_number_reused);
  EXPECT_TRUE(pair.client.session.attach({.carrier = carrier_number{4}}, pair.now));
}

TEST(Session, CarrierOverTheCapRetiresTheLowestNumber) {
  session_limits limits;
  limits.carriers = 2;
  machine_pair pair(limits);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto attached =
        pair.gateway.session.attach({.carrier = carrier_number{number}}, pair.now);
    EXPECT_TRUE(attached);
  }
  const auto carriers = pair.gateway.session.carriers();
  ASSERT_EQ(carriers.size(), 3U);
  EXPECT_TRUE(carriers[0].retiring);
  EXPECT_FALSE(carriers[1].retiring || carriers[2].retiring);
}

TEST(Session, CarriersThatDoNotLeaveAreBounded) {
  session_limits limits;
  limits.carriers = 1;
  machine_pair pair(limits);
  const auto attach = [&](std::uint64_t number) {
    return pair.gateway.session.attach({.carrier = carrier_number{number}}, pair.now);
  };
  for (std::uint64_t number = 1; number <= 1 + retiring_carriers_most; ++number) {
    EXPECT_TRUE(attach(number));
  }
  const auto refused = attach(2 + retiring_carriers_most);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::carrier_limit);
}

TEST(Session, CarrierThatWasToldToLeaveMakesWayForANewOne) {
  session_limits limits;
  limits.carriers = 1;
  machine_pair pair(limits);
  for (std::uint64_t number = 1; number <= 2 + retiring_carriers_most; ++number) {
    const carrier_number fresh{number};
    ASSERT_TRUE(pair.gateway.session.attach({.carrier = fresh}, pair.now));
    for (const auto& each : pair.gateway.session.carriers()) {
      produce_all(pair.gateway, each.number, pair.now);
    }
  }
  pair.gateway.drain_events();
  EXPECT_EQ(count_events<carrier_failed>(pair.gateway), 1U);
  const auto carriers = pair.gateway.session.carriers();
  EXPECT_EQ(carriers.size(), 1 + retiring_carriers_most);
  EXPECT_EQ(carriers.front().number, carrier_number{2});
}

TEST(Session, UnacknowledgedBytesAreSentAgainOnTheNextCarrier) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 200'000);
  const auto lost = produce_all(pair.client, pair.carrier, pair.now);
  EXPECT_GT(lost.size(), 60'000U);
  pair.client.session.finish(id, pair.now);
  pair.client.session.detach(pair.carrier, pair.now);
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.connect(2);
  pair.settle_for(500ms);
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.gateway.streams[id].received, 200'000U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
  EXPECT_TRUE(pair.gateway.streams[id].finished);
}

TEST(Session, DetachedSessionEndsAfterItsGrace) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.gateway.session.tick(pair.now + 59s);
  EXPECT_FALSE(pair.gateway.session.ended());
  pair.gateway.session.tick(pair.now + 60s);
  EXPECT_TRUE(pair.gateway.session.ended());
}

TEST(Session, SilentCarrierIsReported) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.tick(pair.now + 91s);
  pair.gateway.drain_events();
  ASSERT_FALSE(pair.gateway.other_events.empty());
  EXPECT_EQ(std::get<carrier_failed>(pair.gateway.other_events.back()).code, errc::carrier_silent);
}

TEST(Session, KeepAliveHoldsAnIdleCarrier) {
  machine_pair pair;
  pair.connect();
  pair.settle_for(std::chrono::minutes(10));
  EXPECT_TRUE(pair.gateway.other_events.empty());
  EXPECT_TRUE(pair.client.session.round_trip().has_value());
}

}
}
