#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(Session, ResetAfterDataIsDeliveredBehindTheLastByte) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.stalled = true;
  pair.gateway.send_pattern(id, 10'000);
  pair.gateway.session.fail_after_data(id, errc::target_unreachable_or_closed);
  pair.exchange();
  EXPECT_FALSE(pair.client.streams[id].reset);
  pair.client.read_all(id, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.client.streams[id].received, 10'000U);
  EXPECT_EQ(pair.client.streams[id].reset, errc::target_unreachable_or_closed);
}

TEST(Session, LocalAbortIsImmediateAndEndsBothDirections) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, 50'000);
  pair.exchange();
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_FALSE(pair.client.streams[id].reset);
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
  EXPECT_EQ(pair.gateway.session.open_streams(), 0U);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(Session, ResetReturnsTheCreditOfWhatWasNeverSent) {
  machine_pair pair;
  pair.connect();
  pair.gateway.stalled = true;
  for (int i = 0; i < 40; ++i) {
    const auto id = open_stream(pair);
    pair.client.send_pattern(id, initial_stream_window);
    pair.exchange();
    pair.client.session.reset(id, errc::cancelled);
    pair.settle_for(300ms);
  }
  const auto fresh = open_stream(pair);
  EXPECT_EQ(pair.client.session.send_room(fresh), initial_stream_window);
  EXPECT_FALSE(pair.failure);
}

TEST(Session, StopMakesTheSenderGiveUpTheRest) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.send_pattern(id, 20'000);
  pair.exchange();
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.gateway.streams[id].stopped, errc::cancelled);
  EXPECT_EQ(pair.gateway.send_pattern(id, 10), 0U);
  EXPECT_EQ(pair.client.send_pattern(id, 10), 10U);
}

TEST(Session, FrameForAStreamThatIsGoneIsAnsweredWithClosedAndNeverOpens) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 0, base::as_bytes("late")}), errc{});
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  EXPECT_EQ(pair.gateway.opened.size(), 1U);
  const auto answer = produce_all(pair.gateway, pair.carrier, pair.now);
  frame_reader reader;
  byte_view rest = answer;
  const auto found = reader.next(rest);
  const auto& reset = std::get<reset_frame>(**found);
  EXPECT_EQ(reset.stream, id);
  EXPECT_EQ(reset.code, to_wire(errc::closed));
}

}
}
