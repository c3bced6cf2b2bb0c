#include <gtest/gtest.h>

#include "calling_sink.hpp"
#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

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
