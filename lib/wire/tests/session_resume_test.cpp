#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

session_limits lasting() {
  session_limits limits;
  limits.detached_for = 60s;
  return limits;
}

TEST(SessionResume, LostAcknowledgementOfAFinIsTakenFromTheGreeting) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 1000);
  pair.client.session.finish(id, pair.now);
  pair.exchange();
  EXPECT_TRUE(pair.gateway.streams[id].finished);
  lose_carrier(pair);
  pair.connect(2);
  pair.gateway.session.finish(id, pair.now);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_TRUE(pair.client.streams[id].finished);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionResume, LostAcknowledgementOfAResetIsTakenFromTheGreeting) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 1000);
  pair.exchange();
  pair.client.session.reset(id, errc::cancelled);
  pair.step(pair.client, pair.gateway);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  lose_carrier(pair);
  pair.connect(2);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionResume, LostResetThatFollowedAFinIsSentAgain) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.exchange();
  pair.client.session.reset(id, errc::cancelled);
  EXPECT_FALSE(produce_all(pair.client, pair.carrier, pair.now).empty());
  EXPECT_EQ(inject_bytes(pair, pair.client, acknowledgement_of(id, 1)), errc{});
  lose_carrier(pair);
  pair.connect(2);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionResume, UnreadBytesOutliveAPeerThatForgotTheStream) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.stalled = true;
  pair.gateway.send_pattern(id, 1000);
  pair.gateway.session.finish(id, pair.now);
  pair.settle_for(1s);
  pair.client.send_pattern(id, 100);
  pair.client.session.finish(id, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.gateway.session.open_streams(), 0U);
  lose_carrier(pair);
  pair.connect(2);
  pair.settle_for(1s);
  pair.client.read_all(id, pair.now);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.client.streams[id].received, 1000U);
  EXPECT_TRUE(pair.client.streams[id].finished);
  EXPECT_FALSE(pair.client.streams[id].reset);
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
}

TEST(SessionResume, StreamCancelledBeforeItsLostOpenArrivedIsNeverOpened) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = pair.client.session.open(web, base::as_bytes("GET"), pair.now).value();
  EXPECT_FALSE(produce_all(pair.client, pair.carrier, pair.now).empty());
  lose_carrier(pair);
  pair.client.session.reset(id, errc::cancelled);
  pair.connect(2);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_TRUE(pair.gateway.opened.empty());
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
  const auto up = pair.client.session.credit();
  EXPECT_EQ(up.sending, pair.gateway.session.credit().consumed);
}

TEST(SessionResume, CancelOfAnUnopenedStreamSurvivesTheLossOfItsAnswer) {
  for (const bool acknowledgement_arrives : {false, true}) {
    machine_pair pair(lasting());
    pair.connect();
    const auto id = pair.client.session.open(web, {}, pair.now).value();
    pair.client.session.reset(id, errc::cancelled);
    pair.step(pair.client, pair.gateway);
    EXPECT_FALSE(produce_all(pair.gateway, pair.carrier, pair.now).empty());
    if (acknowledgement_arrives) {
      EXPECT_EQ(inject_bytes(pair, pair.client, acknowledgement_of(id, 1)), errc{});
    }
    lose_carrier(pair);
    pair.connect(2);
    pair.settle_for(1s);
    EXPECT_EQ(pair.client.session.open_streams(), 0U);
  }
}

TEST(SessionResume, LostOpenIsSentAgainWithItsPayload) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = pair.client.session.open(web, base::as_bytes("GET"), pair.now).value();
  EXPECT_FALSE(produce_all(pair.client, pair.carrier, pair.now).empty());
  lose_carrier(pair);
  pair.connect(2);
  ASSERT_EQ(pair.gateway.opened.size(), 1U);
  EXPECT_EQ(pair.gateway.opened[0].target, web);
  EXPECT_EQ(pair.gateway.streams[id].received, 3U);
}

TEST(SessionResume, FarewellIsRepeatedOnTheNextCarrier) {
  machine_pair pair(lasting());
  pair.connect();
  pair.gateway.session.go_away(errc::gateway_draining, 30s);
  EXPECT_FALSE(produce_all(pair.gateway, pair.carrier, pair.now).empty());
  lose_carrier(pair);
  pair.connect(2);
  EXPECT_EQ(count_events<peer_going_away>(pair.client), 1U);
}

TEST(SessionResume, GreetingListsWhatFitsAndAcknowledgesTheRest) {
  machine_pair pair(lasting());
  pair.connect();
  std::vector<stream_id> ids;
  for (int i = 0; i < 1500; ++i) {
    ids.push_back(open_stream(pair));
    pair.client.send_pattern(ids.back(), 10);
  }
  pair.settle_for(1s);
  lose_carrier(pair);
  pair.carrier = carrier_number{2};
  ASSERT_TRUE(pair.gateway.session.attach({.carrier = pair.carrier}, pair.now));
  auto flight = produce_all(pair.gateway, pair.carrier, pair.now);
  EXPECT_EQ(frames_in(flight).size(), 1U);
  base::append(flight, produce_all(pair.gateway, pair.carrier, pair.now));
  const auto frames = frames_in(flight);
  const auto& welcome = std::get<welcome_frame>(frames.front());
  EXPECT_EQ(welcome.streams.size(), entries_most);
  std::size_t acknowledged = 0;
  std::size_t granted = 0;
  for (const auto& each : frames) {
    const auto* ack = std::get_if<ack_frame>(&each);
    const auto* window = std::get_if<window_frame>(&each);
    acknowledged += ack == nullptr ? 0 : ack->streams.size();
    granted += window == nullptr ? 0 : window->streams.size();
  }
  EXPECT_EQ(acknowledged, 1500 - entries_most);
  EXPECT_EQ(granted, 1500 - entries_most);
}

TEST(SessionResume, GreetingThatClaimsUnsentBytesEndsTheSession) {
  machine_pair pair(lasting());
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.session.detach(pair.carrier, pair.now);
  attachment how{.carrier = carrier_number{2}};
  how.peer_streams.push_back({id, 5000, initial_stream_window});
  const auto outcome = pair.gateway.session.attach(std::move(how), pair.now);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), errc::offset_invalid);
  EXPECT_TRUE(pair.gateway.session.ended());
}

}
}
