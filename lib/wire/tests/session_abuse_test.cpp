#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

base::byte_vector repeated(const frame& value, std::size_t count) {
  const auto one = encode(value);
  base::byte_vector bytes;
  bytes.reserve(one.size() * count);
  for (std::size_t i = 0; i < count; ++i) {
    base::append(bytes, one);
  }
  return bytes;
}

std::size_t drained_output(machine_pair& pair, machine& from) {
  std::size_t total = 0;
  base::byte_vector bytes(65536);
  while (const auto count = from.session.produce(pair.carrier, bytes, pair.now)) {
    total += count;
  }
  return total;
}

TEST(SessionAbuse, TwoMillionOneByteFramesCostTwoHundredFiftySixKibibytesAtMost) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  byte_count offset = 0;
  for (int batch = 0; batch < 1000; ++batch) {
    base::byte_vector bytes;
    bytes.reserve(2000 * 12);
    for (int i = 0; i < 2000; ++i) {
      base::append(bytes, encode(data_frame{id, offset, base::as_bytes("x")}));
      ++offset;
    }
    ASSERT_TRUE(pair.gateway.session.receive(pair.carrier, bytes, pair.gateway, pair.now));
    pair.step(pair.gateway, pair.client);
  }
  EXPECT_EQ(pair.gateway.streams[id].received, 2'000'000U);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(SessionAbuse, OneByteFramesToAStalledReaderHoldNoMoreThanTheWindow) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  for (byte_count offset = 0; offset < initial_stream_window; ++offset) {
    ASSERT_EQ(inject(pair, pair.gateway, data_frame{id, offset, base::as_bytes("x")}), errc{});
  }
  EXPECT_EQ(pair.gateway.session.unread(), initial_stream_window);
  EXPECT_LE(pair.gateway.pool.used(), initial_stream_window + base::large_slab_size);
}

TEST(SessionAbuse, OpensPastTheLimitAndItsMarginEndTheSession) {
  session_limits narrow;
  narrow.streams = 100;
  machine_pair pair(narrow);
  pair.connect();
  errc seen{};
  std::size_t opens = 0;
  for (std::uint64_t id = 1; seen == errc{}; id += 2) {
    seen = inject(pair, pair.gateway, open_frame{stream_id{id}, web, {}});
    ++opens;
  }
  EXPECT_EQ(seen, errc::stream_limit);
  EXPECT_EQ(opens, 100 + refused_streams_most + 1);
  EXPECT_EQ(pair.gateway.opened.size(), 100U);
}

TEST(SessionAbuse, OpenAndResetStormWithoutReadingStaysWithinTheStreamLimit) {
  session_limits narrow;
  narrow.streams = 100;
  machine_pair pair(narrow);
  pair.connect();
  errc seen{};
  std::size_t most = 0;
  for (std::uint64_t id = 1; id < 200'000 && seen == errc{}; id += 2) {
    seen = inject(pair, pair.gateway, open_frame{stream_id{id}, web, {}});
    if (seen == errc{}) {
      seen = inject(pair, pair.gateway, reset_frame{.stream = stream_id{id}, .code = 26});
    }
    most = std::max(most, pair.gateway.session.open_streams());
  }
  EXPECT_EQ(seen, errc::stream_limit);
  EXPECT_EQ(most, 100 + refused_streams_most);
}

TEST(SessionAbuse, OpenAndResetStormThatReadsRunsForeverInBoundedMemory) {
  machine_pair pair;
  pair.connect();
  std::size_t most = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto id = pair.client.session.open(web, base::as_bytes("GET"), pair.now);
    ASSERT_TRUE(id);
    if (i % 2 == 0) {
      pair.step(pair.client, pair.gateway);
    }
    pair.client.session.reset(*id, errc::cancelled);
    if (i % 64 == 0) {
      pair.exchange();
      pair.settle_for(300ms);
      EXPECT_EQ(pair.gateway.session.open_streams(), 0U);
    }
    most = std::max(most, pair.gateway.session.open_streams());
  }
  EXPECT_LE(most, 65U);
  EXPECT_FALSE(pair.failure);
}

TEST(SessionAbuse, PingFloodQueuesTwoHundredFiftySixAnswers) {
  machine_pair pair;
  pair.connect();
  drained_output(pair, pair.gateway);
  EXPECT_EQ(inject_bytes(pair, pair.gateway, repeated(ping_frame{}, 1'000'000)), errc{});
  EXPECT_EQ(drained_output(pair, pair.gateway), control_queue_most * encode(pong_frame{}).size());
}

TEST(SessionAbuse, FramesForGoneStreamsQueueAtMostFourThousandNinetySixAnswers) {
  machine_pair pair;
  pair.connect();
  for (std::uint64_t id = 1; id < 20'000; id += 2) {
    inject(pair, pair.gateway, reset_frame{.stream = stream_id{id}, .code = 26});
    drained_output(pair, pair.gateway);
  }
  for (int round = 0; round < 5; ++round) {
    for (std::uint64_t id = 1; id < 20'000; id += 2) {
      inject(pair, pair.gateway, data_frame{stream_id{id}, 0, base::as_bytes("late")});
      inject(pair, pair.gateway, fin_frame{stream_id{id}, 4});
    }
  }
  const std::size_t answer_most = 8 + 10;
  EXPECT_LE(drained_output(pair, pair.gateway), gone_answers_most * answer_most);
}

TEST(SessionAbuse, NoticeAndGoawayFloodsQueueOneFarewellAndTwoHundredFiftySixNotices) {
  machine_pair pair;
  pair.connect();
  auto bytes =
      repeated(goaway_frame{.gateways = base::as_bytes(std::string_view("\0", 1))}, 10'000);
  base::append(bytes, repeated(notice_frame{50, "words"}, 10'000));
  EXPECT_EQ(inject_bytes(pair, pair.client, bytes), errc{});
  EXPECT_EQ(count_events<peer_going_away>(pair.client), 1U);
  EXPECT_LE(count_events<notice_received>(pair.client), control_queue_most);
}

TEST(SessionAbuse, RepeatedResetsAndStopsCauseOneEventAndOneAnswer) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  drained_output(pair, pair.gateway);
  pair.now += 1s;
  drained_output(pair, pair.gateway);
  EXPECT_EQ(inject_bytes(pair, pair.gateway, repeated(stop_frame{id, 26}, 1000)), errc{});
  const auto stopped = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<reset_frame>(stopped), 1U);
  const auto other = open_stream(pair);
  drained_output(pair, pair.gateway);
  const reset_frame reset{.stream = other, .code = 26};
  std::size_t answers = 0;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(inject(pair, pair.gateway, reset), errc{});
    answers +=
        count_frames<reset_frame>(frames_in(produce_all(pair.gateway, pair.carrier, pair.now)));
  }
  EXPECT_EQ(answers, 1U);
}

TEST(SessionAbuse, HugePadsAreReadAndForgotten) {
  machine_pair pair;
  pair.connect();
  drained_output(pair, pair.gateway);
  const auto pads = repeated(pad_frame{pad_most}, 256);
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(inject_bytes(pair, pair.gateway, pads), errc{});
  }
  EXPECT_EQ(drained_output(pair, pair.gateway), 0U);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(SessionAbuse, AcknowledgementAndWindowOfUnknownStreamsEndTheSession) {
  for (const bool window : {false, true}) {
    machine_pair pair;
    pair.connect();
    open_stream(pair);
    const stream_offset unknown{stream_id{7}, 0};
    base::byte_vector bytes(64);
    frame_writer writer(bytes);
    const std::span<const stream_offset> entries(&unknown, 1);
    ASSERT_TRUE(window ? writer.put(window_frame{}, entries) : writer.put_acks(entries));
    EXPECT_EQ(inject_bytes(pair, pair.gateway, writer.bytes()), errc::stream_id_invalid);
  }
}

TEST(SessionAbuse, SixtyFourIntervalsOfIdsAreTheMost) {
  machine_pair pair;
  pair.connect();
  for (std::uint64_t i = 0; i < seen_intervals_most; ++i) {
    EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{1 + 4 * i}, web, {}}), errc{});
  }
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{1001}, web, {}}), errc::gap_limit);
}

TEST(SessionAbuse, IdsInReverseOrderPassThroughTheIntervalsAsWell) {
  machine_pair pair;
  pair.connect();
  for (std::uint64_t id = 2001; id > 1; id -= 2) {
    EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{id}, web, {}}), errc{});
  }
  EXPECT_EQ(pair.gateway.opened.size(), 1000U);
}

TEST(SessionAbuse, SixtyFourGapsOfOneStreamAreTheMost) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  for (byte_count i = 0; i < gaps_most; ++i) {
    EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 1 + 2 * i, base::as_bytes("x")}), errc{});
  }
  EXPECT_FALSE(pair.gateway.streams[id].reset);
  EXPECT_EQ(pair.gateway.pool.used(), gaps_most * base::small_slab_size);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 200, base::as_bytes("x")}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::gap_limit);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(SessionAbuse, TinyPiecesAheadOfGapsAreBounded) {
  machine_pair pair;
  pair.connect();
  for (std::uint64_t stream = 1; stream < 400; stream += 2) {
    const stream_id id{stream};
    ASSERT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
    for (byte_count i = 0; i < gaps_most; ++i) {
      ASSERT_EQ(inject(pair, pair.gateway, data_frame{id, 1 + 2 * i, base::as_bytes("x")}), errc{})
          << stream << " " << i;
    }
  }
  EXPECT_LE(pair.gateway.pool.used(), initial_session_window + ahead_slack);
  EXPECT_FALSE(pair.gateway.session.ended());
}

TEST(SessionAbuse, BytesPastEveryWindowAreRefusedWithTheirName) {
  for (const byte_count offset :
       {byte_count{initial_stream_window}, byte_count{1} << 40U, varint_most}) {
    machine_pair pair;
    pair.connect();
    const auto id = open_stream(pair);
    EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, offset, base::as_bytes("x")}),
              errc::window_exceeded);
    EXPECT_EQ(pair.gateway.session.unread(), 0U);
    EXPECT_EQ(pair.gateway.pool.used(), 0U);
  }
}

TEST(SessionAbuse, IdsChosenToCollideDoNotSlowTheSession) {
  machine_pair pair;
  pair.connect();
  std::vector<stream_id> kept;
  for (int i = 0; i < 20'000; ++i) {
    const auto id = pair.client.session.open(web, {}, pair.now);
    ASSERT_TRUE(id);
    if (i % 59 == 0) {
      kept.push_back(*id);
    } else {
      pair.client.session.reset(*id, errc::cancelled);
    }
    if (i % 256 == 0) {
      pair.exchange();
      pair.settle_for(300ms);
    }
  }
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.session.open_streams(), kept.size());
  EXPECT_FALSE(pair.failure);
}

}
}
