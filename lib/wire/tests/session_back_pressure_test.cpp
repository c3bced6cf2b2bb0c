#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(Session, SenderStopsAtTheStreamWindowOfAStalledReader) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  for (int i = 0; i < 20; ++i) {
    pair.client.send_pattern(id, 100'000);
    pair.exchange();
  }
  EXPECT_EQ(pair.client.streams[id].sent, initial_stream_window);
  EXPECT_EQ(pair.client.session.send_room(id), 0U);
  EXPECT_EQ(pair.gateway.session.unread(), initial_stream_window);
}

TEST(Session, ReaderThatCatchesUpGetsEverythingAndReopensTheWindow) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, initial_stream_window);
  pair.exchange();
  pair.client.session.await_room(id, 1);
  pair.gateway.read_all(id, pair.now);
  pair.settle_for(300ms);
  EXPECT_EQ(pair.gateway.streams[id].received, initial_stream_window);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
  EXPECT_GE(pair.client.session.send_room(id), initial_stream_window);
  bool writable = false;
  for (const auto& event : pair.client.other_events) {
    writable = writable || std::holds_alternative<stream_writable>(event);
  }
  EXPECT_TRUE(writable);
}

TEST(Session, StalledStreamGivesItsCreditBackToTheSession) {
  machine_pair pair;
  pair.connect();
  pair.gateway.stalled = true;
  std::vector<stream_id> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(open_stream(pair));
    pair.client.send_pattern(ids.back(), initial_stream_window);
    pair.exchange();
  }
  pair.gateway.stalled = false;
  const auto fresh = open_stream(pair);
  EXPECT_EQ(pair.client.session.send_room(fresh), 0U);
  pair.settle_for(3s);
  EXPECT_EQ(pair.client.session.send_room(fresh), initial_stream_window);
}

TEST(Session, LargestStalledStreamIsResetPastTheHardLimit) {
  session_limits limits;
  limits.unread = 300 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.stalled = true;
  const auto big = open_stream(pair);
  pair.client.send_pattern(big, initial_stream_window);
  const auto small = open_stream(pair);
  pair.client.send_pattern(small, 100'000);
  pair.exchange();
  pair.settle_for(2s);
  EXPECT_EQ(pair.client.streams[big].reset, errc::slow_reader);
  EXPECT_FALSE(pair.client.streams[small].reset);
  EXPECT_LE(pair.gateway.session.unread(), limits.unread);
}

TEST(Session, AReadStreamIsSparedThoughItHoldsMoreThanTheStalledOne) {
  session_limits limits;
  limits.unread = 300 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.stalled = true;
  const auto stalled = open_stream(pair);
  pair.client.send_pattern(stalled, 100'000);
  pair.exchange();
  pair.settle_for(1500ms);
  const auto read = open_stream(pair);
  pair.client.send_pattern(read, initial_stream_window);
  pair.exchange();
  pair.settle_for(400ms);
  EXPECT_EQ(pair.client.streams[stalled].reset, errc::slow_reader);
  EXPECT_FALSE(pair.client.streams[read].reset);
}

TEST(Session, ReplayCapHoldsTheSenderBackUntilAcknowledged) {
  session_limits limits;
  limits.replay = 100'000;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(pair.client.send_pattern(id, 200'000), 100'000U);
  EXPECT_EQ(pair.client.session.unacknowledged(), 100'000U);
  pair.exchange();
  pair.settle_for(300ms);
  EXPECT_EQ(pair.client.session.unacknowledged(), 0U);
  EXPECT_EQ(pair.client.session.send_room(id), 100'000U);
}

TEST(Session, ExhaustedPoolCostsTheStreamAndNotTheSession) {
  machine_pair pair({}, 64 * base::kibibyte);
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  base::byte_vector bytes(10'000);
  for (byte_count offset = 0; offset < 120'000; offset += bytes.size()) {
    inject(pair, pair.gateway, data_frame{id, offset, bytes});
  }
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::buffer_exhausted);
  EXPECT_FALSE(pair.gateway.session.ended());
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(Session, WindowsGrowForAFastReaderAndStopAtTheirCap) {
  session_limits limits;
  limits.largest_stream_window = base::mebibyte;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pour(pair, id);
  pair.settle_for(300ms);
  EXPECT_GT(pair.client.session.send_room(id), initial_stream_window);
  EXPECT_LE(pair.client.session.send_room(id), base::mebibyte);
  EXPECT_FALSE(pair.failure);
}

}
}
