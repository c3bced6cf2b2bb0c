#include <gtest/gtest.h>

#include <array>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionFlow, EveryWaitingStreamHearsOfRoomAndInTurn) {
  session_limits limits;
  limits.replay = 64 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  std::vector<stream_id> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(open_stream(pair));
  }
  pair.settle_for(300ms);
  pair.client.send_pattern(ids[0], 64 * base::kibibyte);
  for (const auto id : ids) {
    EXPECT_EQ(pair.client.session.send_room(id), 0U);
    pair.client.session.await_room(id, 100);
    pair.client.session.await_room(id, 1000);
  }
  pair.exchange();
  pair.settle_for(300ms);
  std::vector<stream_id> heard;
  for (const auto& event : pair.client.other_events) {
    if (const auto* writable = std::get_if<stream_writable>(&event)) {
      heard.push_back(writable->stream);
    }
  }
  ids.push_back(ids.front());
  ids.erase(ids.begin());
  EXPECT_EQ(heard, ids);
}

struct crowded_pair : machine_pair {
  static constexpr std::size_t replay = 64 * base::kibibyte;

  explicit crowded_pair(std::size_t count) : machine_pair(small_replay()) {
    connect();
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(open_stream(*this));
    }
    settle_for(300ms);
    client.send_pattern(ids[0], replay);
  }

  static session_limits small_replay() {
    session_limits limits;
    limits.replay = replay;
    return limits;
  }

  void wait_in_line(std::size_t wanted) {
    for (const auto id : ids) {
      client.session.await_room(id, wanted);
    }
  }

  std::vector<stream_id> ids;
};

TEST(SessionFlow, StreamThatRanDryHearsOfRoomBeforeThoseWithBytesToSend) {
  crowded_pair pair(3);
  pair.wait_in_line(1000);
  std::array<std::uint8_t, 8192> flight{};
  const auto sent = pair.client.session.produce(pair.carrier, flight, pair.now);
  const auto received = base::byte_view(flight).first(sent);
  EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, received, pair.gateway, pair.now));
  pair.now += acknowledge_delay;
  pair.gateway.session.tick(pair.now);
  pair.step(pair.gateway, pair.client);
  pair.client.drain_events();
  std::vector<stream_id> heard;
  for (const auto& event : pair.client.other_events) {
    if (const auto* writable = std::get_if<stream_writable>(&event)) {
      heard.push_back(writable->stream);
    }
  }
  EXPECT_EQ(heard, (std::vector{pair.ids[1], pair.ids[2], pair.ids[0]}));
}

TEST(SessionFlow, StreamOutsideTheLineTakesNoRoomFromThoseInIt) {
  crowded_pair pair(10);
  const auto greedy = pair.ids.back();
  pair.ids.pop_back();
  pair.wait_in_line(16'000);
  pair.exchange();
  pair.settle_for(255ms);
  EXPECT_EQ(pair.client.session.send_room(greedy), 0U);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(pair.client.send_pattern(pair.ids[i], pair.replay), 16'000U);
  }
  EXPECT_EQ(pair.client.session.send_room(pair.ids[5]), 0U);
}

TEST(SessionFlow, RoomOfThoseWhoWaitedIsSharedEvenly) {
  crowded_pair pair(4);
  pair.wait_in_line(1000);
  pair.exchange();
  pair.settle_for(255ms);
  for (const auto id : pair.ids) {
    EXPECT_EQ(pair.client.send_pattern(id, pair.replay), pair.replay / 4);
  }
}

TEST(SessionFlow, StreamsThatLeaveTheirTurnUnusedDoNotHoldUpTheLine) {
  crowded_pair pair(12);
  pair.wait_in_line(16'000);
  pair.exchange();
  pair.settle_for(300ms);
  EXPECT_EQ(count_events<stream_writable>(pair.client), 12U);
}

TEST(SessionFlow, StreamThatOpensDoesNotStandInLineForItsFirstBytes) {
  crowded_pair pair(8);
  pair.wait_in_line(16'000);
  pair.exchange();
  pair.settle_for(255ms);
  const base::byte_vector first(1000, 7);
  EXPECT_TRUE(pair.client.session.open(web, first, pair.now));
}

TEST(SessionFlow, StreamWithAFullWindowDoesNotHoldBackTheOthers) {
  machine_pair pair;
  pair.connect();
  const auto full = open_stream(pair);
  const auto free = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(full, initial_stream_window);
  pair.client.session.await_room(full, 1);
  pair.client.session.await_room(free, 1);
  pair.settle_for(300ms);
  ASSERT_EQ(count_events<stream_writable>(pair.client), 1U);
  EXPECT_EQ(std::get<stream_writable>(pair.client.other_events.back()).stream, free);
  pair.gateway.read_all(full, pair.now);
  pair.settle_for(300ms);
  EXPECT_EQ(count_events<stream_writable>(pair.client), 2U);
}

TEST(SessionFlow, WriterOfAnExhaustedPoolHearsWhenMemoryIsBack) {
  machine_pair pair({}, 64 * base::kibibyte);
  pair.connect();
  const auto id = open_stream(pair);
  pair.settle_for(300ms);
  auto hog = pair.client.pool.acquire(16384);
  auto second = pair.client.pool.acquire(16384);
  auto third = pair.client.pool.acquire(16384);
  auto fourth = pair.client.pool.acquire(16384);
  EXPECT_TRUE(pair.client.session.reserve(id, 100).empty());
  pair.client.session.await_room(id, 100);
  pair.settle_for(500ms);
  EXPECT_EQ(count_events<stream_writable>(pair.client), 0U);
  hog.release();
  pair.settle_for(100ms);
  EXPECT_EQ(count_events<stream_writable>(pair.client), 1U);
}

}
}
