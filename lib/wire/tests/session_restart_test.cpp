#include <gtest/gtest.h>

#include <algorithm>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

base::byte_vector client_hello(std::size_t record) {
  base::byte_vector bytes = {
      0x16, 3, 1, static_cast<std::uint8_t>(record >> 8U), static_cast<std::uint8_t>(record), 1};
  bytes.resize(5 + record);
  return bytes;
}

struct lost_gateway {
  lost_gateway() { fleet.establish(1); }

  stream_id open_unheard(byte_view payload) {
    const auto id = fleet.client.session.open(web, payload, fleet.now);
    EXPECT_TRUE(id);
    produce_all(fleet.client, carrier_number{1}, fleet.now);
    return id.value_or(stream_id{});
  }

  session_restarted forget() {
    fleet.lose(1);
    fleet.dial(2);
    const auto refusal = encode(refuse_frame{to_wire(errc::session_gone), 0, "Gone."});
    EXPECT_TRUE(fleet.client.session.receive(carrier_number{2}, refusal, fleet.client, fleet.now));
    fleet.client.drain_events();
    for (const auto& each : fleet.client.other_events) {
      if (const auto* found = std::get_if<session_restarted>(&each)) {
        return *found;
      }
    }
    ADD_FAILURE() << "the session did not start again";
    return {};
  }

  std::optional<errc> reset_of(stream_id id) { return fleet.client.streams[id].reset; }

  carrier_fleet fleet;
};

struct next_gateway {
  explicit next_gateway(machine& from) : client(from), other(role::gateway, {}, 64 << 20, 7) {}

  void meet(base::steady_time now) {
    ASSERT_TRUE(client.session.attach({.carrier = carrier_number{3}}, now));
    auto bytes = produce_all(client, carrier_number{3}, now);
    byte_view rest = bytes;
    frame_reader reader;
    const auto found = reader.next(rest);
    ASSERT_TRUE(found && *found);
    hello = std::get<hello_frame>(**found);
    ASSERT_TRUE(other.session.attach(attachment_of(hello), now));
    while (!rest.empty()) {
      ASSERT_TRUE(other.session.receive(carrier_number{3}, rest, other, now));
      bytes = produce_all(client, carrier_number{3}, now);
      rest = bytes;
    }
    other.drain_events();
  }

  machine& client;
  machine other;
  hello_frame hello;
};

TEST(SessionRestart, StreamsThatWereHeardEndWithGatewayLost) {
  lost_gateway scene;
  const auto id = scene.fleet.open(1);
  scene.fleet.pass(1s);
  const auto told = scene.forget();
  EXPECT_EQ(told.lost, 1U);
  EXPECT_EQ(told.reopened, 0U);
  EXPECT_EQ(scene.reset_of(id), errc::gateway_lost);
  EXPECT_FALSE(scene.fleet.client.session.ended());
  EXPECT_FALSE(scene.fleet.client.session.established());
  EXPECT_EQ(scene.fleet.client.session.unacknowledged(), 0U);
}

TEST(SessionRestart, StreamsThatOnlyGreetedOpenAgainWithTheirBytes) {
  lost_gateway scene;
  auto& fleet = scene.fleet;
  const auto old_id = fleet.client.session.id();
  const auto hello = client_hello(300);
  const auto silent = scene.open_unheard({});
  const auto greeted = scene.open_unheard(hello);
  const auto told = scene.forget();
  EXPECT_EQ(told.reopened, 2U);
  EXPECT_EQ(told.lost, 0U);
  EXPECT_NE(fleet.client.session.id(), old_id);
  next_gateway next(fleet.client);
  next.meet(fleet.now);
  EXPECT_EQ(next.hello.may_create, creation::permitted);
  EXPECT_EQ(next.hello.session, fleet.client.session.id());
  ASSERT_EQ(next.other.opened.size(), 2U);
  EXPECT_EQ(next.other.opened[0].target, web);
  EXPECT_EQ(next.other.streams[greeted].received, hello.size());
  EXPECT_EQ(next.other.streams[silent].received, 0U);
  EXPECT_FALSE(scene.reset_of(silent));
  EXPECT_FALSE(scene.reset_of(greeted));
}

TEST(SessionRestart, WhatMayHaveDoneSomethingIsNeverRepeated) {
  lost_gateway scene;
  const auto request = scene.open_unheard(base::as_bytes("POST /order HTTP/1.1"));
  const auto more = scene.open_unheard(client_hello(300));
  scene.fleet.client.session.write(more, base::as_bytes("early data"));
  produce_all(scene.fleet.client, carrier_number{1}, scene.fleet.now);
  const auto other_record = scene.open_unheard(base::byte_vector{0x17, 3, 3, 0, 9, 1});
  const auto other_message = scene.open_unheard(base::byte_vector{0x16, 3, 3, 0, 9, 2});
  const auto short_record = scene.open_unheard(base::byte_vector{0x16, 3, 1});
  const auto told = scene.forget();
  EXPECT_EQ(told.lost, 5U);
  for (const auto id : {request, more, other_record, other_message, short_record}) {
    EXPECT_EQ(scene.reset_of(id), errc::gateway_lost);
  }
}

TEST(SessionRestart, StreamsThatWereResetOrStoppedHereStayEnded) {
  lost_gateway scene;
  const auto reset = scene.open_unheard({});
  const auto stopped = scene.open_unheard({});
  scene.fleet.client.session.reset(reset, errc::cancelled);
  scene.fleet.client.session.stop(stopped, errc::cancelled, scene.fleet.now);
  const auto told = scene.forget();
  EXPECT_EQ(told.reopened, 0U);
  EXPECT_EQ(scene.fleet.client.session.open_streams(), 0U);
}

TEST(SessionRestart, UnsentBytesAndTheEndFollowToTheNextGateway) {
  lost_gateway scene;
  auto& client = scene.fleet.client;
  scene.fleet.lose(1);
  const auto id = client.session.open(web, {}, scene.fleet.now).value();
  client.send_pattern(id, 200'000);
  client.session.finish(id, scene.fleet.now);
  scene.fleet.dial(2);
  const auto refusal = encode(refuse_frame{to_wire(errc::session_gone), 0, "Gone."});
  EXPECT_TRUE(client.session.receive(carrier_number{2}, refusal, client, scene.fleet.now));
  client.drain_events();
  EXPECT_EQ(client.session.credit().sending, 200'000U);
  next_gateway next(client);
  next.meet(scene.fleet.now);
  next.other.drain_events();
  EXPECT_EQ(next.other.streams[id].received, 200'000U);
  EXPECT_TRUE(next.other.streams[id].finished);
  EXPECT_FALSE(next.other.streams[id].corrupt);
}

TEST(SessionRestart, AtMostThirtyTwoStreamsOpenAgain) {
  lost_gateway scene;
  for (int i = 0; i < 50; ++i) {
    scene.open_unheard({});
  }
  const auto told = scene.forget();
  EXPECT_EQ(told.reopened, reopened_streams_most);
  EXPECT_EQ(told.lost, 50 - reopened_streams_most);
  EXPECT_FALSE(scene.reset_of(stream_id{99}));
  EXPECT_EQ(scene.reset_of(stream_id{1}), errc::gateway_lost);
}

TEST(SessionRestart, OtherCarriersOfTheLostGatewayAreGivenUp) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.establish(2);
  fleet.dial(3);
  const auto refusal = encode(refuse_frame{to_wire(errc::session_gone), 0, "Gone."});
  EXPECT_TRUE(fleet.client.session.receive(carrier_number{3}, refusal, fleet.client, fleet.now));
  fleet.client.drain_events();
  EXPECT_TRUE(fleet.client.session.carriers().empty());
  EXPECT_EQ(count_events<carrier_failed>(fleet.client), 3U);
  fleet.pass(61s);
  EXPECT_TRUE(fleet.client.session.ended());
}

}
}
