#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionFlow, WindowsDoNotGrowUntilHalfOfThemWasDrained) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  for (int i = 0; i < 40; ++i) {
    pair.client.send_pattern(id, 1000);
    pair.gateway.send_pattern(id, 1000);
    pair.exchange();
    pair.now += 5ms;
  }
  pair.settle_for(1s);
  ASSERT_TRUE(pair.gateway.session.round_trip());
  const auto credit = pair.gateway.session.credit();
  EXPECT_EQ(credit.granted - credit.consumed, initial_session_window);
  EXPECT_EQ(pair.client.session.send_room(id), initial_stream_window);
}

struct LargeSession : ::testing::Test {
  void SetUp() override {
    pair.connect();
    const auto bulk = open_stream(pair);
    pour(pair, bulk);
    pair.settle_for(1s);
    const auto credit = pair.gateway.session.credit();
    ASSERT_GE(credit.granted - credit.consumed, 2 * base::mebibyte);
    fresh = open_stream(pair);
    pair.settle_for(1s);
  }

  machine_pair pair;
  stream_id fresh{};
};

TEST_F(LargeSession, HalfOfAStreamsWindowIsAnnouncedAtOnce) {
  pair.client.send_pattern(fresh, initial_stream_window / 2 + 1000);
  pair.exchange();
  EXPECT_EQ(pair.client.session.send_room(fresh), initial_stream_window);
}

TEST_F(LargeSession, ASenderNearItsLimitIsAcknowledgedSoon) {
  pair.gateway.stalled = true;
  pair.client.send_pattern(fresh, initial_stream_window - initial_stream_window / 10);
  pair.exchange();
  EXPECT_GT(pair.client.session.unacknowledged(), 0U);
  pair.now += urgent_acknowledge_delay;
  pair.gateway.session.tick(pair.now);
  pair.exchange();
  EXPECT_EQ(pair.client.session.unacknowledged(), 0U);
}

TEST(SessionFlow, EighthOfTheSessionsWindowIsAcknowledgedAtOnce) {
  constexpr std::size_t piece = 16'000;
  constexpr byte_count much = initial_session_window / 8;
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.settle_for(1s);
  pair.gateway.stalled = true;
  byte_count sent = 0;
  while (sent + piece < much) {
    ASSERT_EQ(inject(pair, pair.gateway, data_frame{id, sent, base::byte_vector(piece)}), errc{});
    sent += piece;
  }
  const auto early = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<ack_frame>(early), 0U);
  ASSERT_EQ(inject(pair, pair.gateway, data_frame{id, sent, base::byte_vector(piece)}), errc{});
  const auto answer = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<ack_frame>(answer), 1U);
}

TEST(SessionFlow, WindowOfAStreamIsAtMostHalfOfItsSessions) {
  session_limits limits;
  limits.largest_session_window = initial_session_window;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pour(pair, id);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.session.send_room(id), initial_session_window / 2);
}

TEST(SessionFlow, SlowReaderKeepsItsFirstWindow) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  for (int i = 0; i < 60; ++i) {
    pair.client.send_pattern(id, 100'000);
    pair.exchange();
    pair.settle_for(100ms);
  }
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.session.send_room(id), initial_stream_window);
}

TEST(SessionFlow, UnreadBytesNeverPassTheHardLimit) {
  session_limits limits;
  limits.unread = 300 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.stalled = true;
  for (int i = 0; i < 4; ++i) {
    const auto id = open_stream(pair);
    for (int piece = 0; piece < 16; ++piece) {
      pair.client.send_pattern(id, 16'384);
      pair.exchange();
      EXPECT_LE(pair.gateway.session.unread(), limits.unread);
    }
  }
}

}
}
