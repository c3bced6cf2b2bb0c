#include <gtest/gtest.h>

#include "calling_sink.hpp"
#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

base::byte_vector data_then_ping(stream_id id, std::size_t size) {
  auto bytes = encode(data_frame{id, 0, base::byte_vector(size, 1)});
  base::append(bytes, encode(ping_frame{}));
  return bytes;
}

TEST(SessionFlow, SinkMayResetTheStreamItIsGiven) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  calling_sink sink([&pair](stream_id stream, byte_view payload) {
    pair.gateway.session.reset(stream, errc::cancelled);
    return payload.size();
  });
  const auto bytes = data_then_ping(id, 5000);
  EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, bytes, sink, pair.now));
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.streams[id].reset, errc::cancelled);
  EXPECT_EQ(pair.gateway.session.credit().consumed, 5000U);
}

TEST(SessionFlow, SinkMayFinishStopAndWriteOtherStreams) {
  machine_pair pair;
  pair.connect();
  const auto first = open_stream(pair);
  const auto second = open_stream(pair);
  calling_sink sink([&](stream_id stream, byte_view payload) {
    pair.gateway.session.write(second, payload);
    pair.gateway.session.finish(second, pair.now);
    pair.gateway.session.stop(stream, errc::cancelled, pair.now);
    return std::size_t{0};
  });
  const auto bytes = data_then_ping(first, 5000);
  EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, bytes, sink, pair.now));
  EXPECT_EQ(pair.gateway.session.unread(), 0U);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.streams[second].received, 5000U);
  EXPECT_EQ(pair.client.streams[first].stopped, errc::cancelled);
}

TEST(SessionFlow, SinkMayOpenManyStreams) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  std::size_t opened = 0;
  calling_sink sink([&](stream_id, byte_view payload) {
    for (int i = 0; i < 500; ++i) {
      opened += pair.client.session.open(web, {}, pair.now) ? 1 : 0;
    }
    return payload.size() / 2;
  });
  const auto bytes = data_then_ping(id, 5000);
  EXPECT_TRUE(pair.client.session.receive(pair.carrier, bytes, sink, pair.now));
  EXPECT_EQ(opened, 500U);
  EXPECT_EQ(pair.client.session.unread(), 2500U);
}

TEST(SessionFlow, SinkMayEndTheSessionOrTakeTheCarrierAway) {
  session_limits limits;
  limits.detached_for = 60s;
  for (const bool ends : {true, false}) {
    machine_pair pair(limits);
    pair.connect();
    const auto id = open_stream(pair);
    calling_sink sink([&](stream_id, byte_view payload) {
      if (ends) {
        pair.gateway.session.end(errc::device_revoked);
      } else {
        pair.gateway.session.detach(pair.carrier, pair.now);
      }
      return payload.size();
    });
    const auto bytes = data_then_ping(id, 5000);
    EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, bytes, sink, pair.now));
    EXPECT_EQ(pair.gateway.session.ended(), ends);
    EXPECT_EQ(pair.gateway.pool.used(), 0U);
  }
}

TEST(SessionFlow, SinkThatClaimsTooMuchIsHeldToWhatItWasGiven) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  calling_sink sink([](stream_id, byte_view) { return SIZE_MAX; });
  const auto bytes = data_then_ping(id, 5000);
  EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, bytes, sink, pair.now));
  EXPECT_EQ(pair.gateway.session.credit().consumed, 5000U);
  pair.gateway.session.consume(id, 100, pair.now);
  EXPECT_EQ(pair.gateway.session.credit().consumed, 5000U);
}

}
}
