#include <gtest/gtest.h>

#include <functional>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

class calling_sink final : public data_sink {
 public:
  explicit calling_sink(std::function<std::size_t(stream_id, byte_view)> call)
      : call_(std::move(call)) {}
  void on_datagram(const datagram_frame&) override {}
  std::size_t on_data(stream_id stream, byte_view payload) override {
    return call_(stream, payload);
  }

 private:
  std::function<std::size_t(stream_id, byte_view)> call_;
};

base::byte_vector data_then_ping(stream_id id, std::size_t size) {
  auto bytes = encode(data_frame{id, 0, base::byte_vector(size, 1)});
  base::append(bytes, encode(ping_frame{}));
  return bytes;
}

TEST(SessionFlow, OpenTakesAllOfItsPayloadOrRefuses) {
  machine_pair pair;
  pair.connect();
  const base::byte_vector large(initial_stream_window + 1);
  EXPECT_EQ(pair.client.session.open_room(), initial_stream_window);
  const auto refused = pair.client.session.open(web, large, pair.now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::buffer_exhausted);
  const byte_view whole = large;
  const auto opened = pair.client.session.open(web, whole.first(initial_stream_window), pair.now);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, stream_id{1});
  EXPECT_EQ(pair.client.session.send_room(*opened), 0U);
}

TEST(SessionFlow, OpenWithoutMemoryLeavesNothingBehind) {
  machine_pair pair({}, 40'000);
  pair.connect();
  const auto refused = pair.client.session.open(web, base::byte_vector(60'000), pair.now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::buffer_exhausted);
  EXPECT_EQ(pair.client.pool.used(), 0U);
  EXPECT_EQ(pair.client.session.credit().sending, 0U);
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
  EXPECT_EQ(open_stream(pair), stream_id{1});
}

TEST(SessionFlow, TargetsThatDoNotFitTheirFrameAreRefused) {
  machine_pair pair;
  pair.connect();
  const std::vector<target> wrong = {domain_target{"", 80},
                                     domain_target{std::string(256, 'a'), 80}, reserved_target{""},
                                     reserved_target{std::string(33, 'a')}};
  for (const auto& each : wrong) {
    const auto refused = pair.client.session.open(each, {}, pair.now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::target_invalid);
  }
}

TEST(SessionFlow, SmallOutputBuffersStillMakeProgress) {
  machine_pair pair;
  pair.connect();
  const auto id = pair.client.session.open(web, base::byte_vector(20'000, 7), pair.now).value();
  std::size_t received = 0;
  calling_sink sink([&received](stream_id, byte_view payload) {
    received += payload.size();
    return payload.size();
  });
  base::byte_vector bytes(2048);
  for (int round = 0; round < 40 && pair.client.session.has_output(pair.carrier, pair.now);
       ++round) {
    const auto size = pair.client.session.produce(pair.carrier, bytes, pair.now);
    ASSERT_GT(size, 0U);
    const byte_view flight = byte_view(bytes).first(size);
    ASSERT_TRUE(pair.gateway.session.receive(pair.carrier, flight, sink, pair.now));
  }
  EXPECT_EQ(received, 20'000U);
  EXPECT_EQ(pair.client.session.send_room(id), initial_stream_window - 20'000U);
}

TEST(SessionFlow, ManyAcknowledgementsLeaveThroughASmallBuffer) {
  machine_pair pair;
  pair.connect();
  for (int i = 0; i < 600; ++i) {
    open_stream(pair);
  }
  pair.settle_for(1s);
  for (std::uint64_t id = 1; id < 1200; id += 2) {
    inject(pair, pair.gateway, data_frame{stream_id{id}, 0, base::as_bytes("x")});
  }
  base::byte_vector bytes(1024);
  int rounds = 0;
  while (pair.gateway.session.has_output(pair.carrier, pair.now) && rounds < 40) {
    EXPECT_GT(pair.gateway.session.produce(pair.carrier, bytes, pair.now), 0U);
    ++rounds;
  }
  EXPECT_LT(rounds, 40);
}

TEST(SessionFlow, DeadlineIsNeverInThePastAfterATick) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 100);
  pair.exchange();
  pair.now += 1s;
  pair.gateway.session.tick(pair.now);
  EXPECT_TRUE(pair.gateway.session.has_output(pair.carrier, pair.now));
  EXPECT_GT(pair.gateway.session.deadline().value(), pair.now);
  pair.now += 50s;
  pair.client.session.tick(pair.now);
  EXPECT_TRUE(pair.client.session.has_output(pair.carrier, pair.now));
  EXPECT_GT(pair.client.session.deadline().value(), pair.now);
}

TEST(SessionFlow, DetachedSessionDoesNotAskForAcknowledgements) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect();
  pair.client.send_pattern(open_stream(pair), 100);
  pair.exchange();
  pair.gateway.session.detach(pair.carrier, pair.now);
  EXPECT_EQ(pair.gateway.session.deadline().value(), pair.now + 60s);
}

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

TEST(SessionFlow, CommitAfterTheStreamEndedIsIgnored) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  ASSERT_FALSE(pair.client.session.reserve(id, 1000).empty());
  EXPECT_EQ(inject(pair, pair.client, stop_frame{id, to_wire(errc::cancelled)}), errc{});
  pair.client.session.commit(id, 1000);
  EXPECT_EQ(pair.client.session.unacknowledged(), 0U);
  EXPECT_EQ(pair.client.session.credit().sending, 0U);
}

TEST(SessionFlow, ReservedRoomIsHonouredUnderMemoryPressure) {
  machine_pair pair({}, 512 * base::kibibyte);
  pair.connect();
  const auto first = open_stream(pair);
  const auto second = open_stream(pair);
  pair.client.send_pattern(first, 150'000);
  pair.client.send_pattern(second, 150'000);
  ASSERT_GE(pair.client.session.reserve(first, 1000).size(), 1000U);
  const base::pool_share other(pair.client.pool);
  std::vector<base::slab> others;
  while (auto block = pair.client.pool.acquire(base::large_slab_size)) {
    others.push_back(std::move(block));
  }
  while (auto block = pair.client.pool.acquire(base::small_slab_size)) {
    others.push_back(std::move(block));
  }
  EXPECT_EQ(pair.client.session.send_room(first), 0U);
  pair.client.session.commit(first, 1000);
  EXPECT_EQ(pair.client.session.unacknowledged(), 301'000U);
}

TEST(SessionFlow, CommitIsHeldToWhatWasReserved) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  const auto space = pair.client.session.reserve(id, 1000);
  ASSERT_FALSE(space.empty());
  pair.client.session.commit(id, space.size() + 1000);
  EXPECT_EQ(pair.client.session.unacknowledged(), space.size());
}

TEST(SessionFlow, OffsetsAtTheEndOfTheNumberRangeAreNamedErrors) {
  const byte_count far = varint_most - 1;
  const std::vector<std::pair<frame, errc>> cases = {
      {data_frame{stream_id{1}, varint_most, base::as_bytes("xyz")}, errc::window_exceeded},
      {fin_frame{stream_id{1}, far}, errc::window_exceeded},
      {reset_frame{.stream = stream_id{1}, .final_offset = far}, errc::window_exceeded},
      {reset_frame{.stream = stream_id{3}, .final_offset = far}, errc::window_exceeded},
      {open_frame{stream_id{varint_most}, web, {}}, errc{}},
  };
  for (const auto& [value, expected] : cases) {
    machine_pair pair;
    pair.connect();
    open_stream(pair);
    EXPECT_EQ(inject(pair, pair.gateway, value), expected);
  }
}

TEST(SessionFlow, LimitsAtTheEndOfTheNumberRangeAreTakenAsTheyAre) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  const stream_offset wide{id, varint_most};
  base::byte_vector bytes(64);
  frame_writer writer(bytes);
  ASSERT_TRUE(writer.put(window_frame{.session_limit = varint_most, .streams = {}},
                         std::span<const stream_offset>(&wide, 1)));
  EXPECT_EQ(inject_bytes(pair, pair.client, writer.bytes()), errc{});
  EXPECT_EQ(pair.client.session.send_room(id), replay_cap);
}

}
}
