#include "httvps/net/http2_frame.hpp"

#include <gtest/gtest.h>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

struct seen_frame {
  http2_frame_head head;
  base::byte_vector payload;
};

base::result<std::vector<seen_frame>> read_in_steps(base::byte_vector bytes, std::size_t step) {
  http2_frame_reader reader(http2_default_frame);
  std::vector<seen_frame> frames;
  base::byte_span rest(bytes);
  while (!rest.empty()) {
    auto chunk = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(chunk.size());
    while (true) {
      HTTVPS_TRY(const auto piece, reader.next(chunk));
      if (!piece) {
        break;
      }
      if (piece->starts) {
        frames.push_back({.head = reader.head(), .payload = {}});
      }
      base::append(frames.back().payload, piece->payload);
    }
  }
  return frames;
}

TEST(Http2Frame, FramesComeOutAsTheyWentInWhateverTheChunks) {
  const base::byte_vector payload(300, 7);
  base::byte_vector bytes;
  append_frame(bytes, {.type = http2_type::data, .flags = 1, .stream = 5}, payload);
  append_frame(bytes, {.type = http2_type::settings, .flags = http2_flag::ack}, {});
  append_window_update(bytes, 3, 0x01020304);
  for (const std::size_t step : {1UL, 4UL, 9UL, 100UL, 1000UL}) {
    const auto frames = read_in_steps(bytes, step);
    ASSERT_TRUE(frames);
    ASSERT_EQ(frames->size(), 3U);
    EXPECT_EQ(frames->at(0).payload, payload);
    EXPECT_EQ(frames->at(0).head,
              (http2_frame_head{.length = 300, .type = http2_type::data, .flags = 1, .stream = 5}));
    EXPECT_EQ(frames->at(1).head.type, http2_type::settings);
    EXPECT_EQ(frames->at(2).payload, (base::byte_vector{1, 2, 3, 4}));
  }
}

base::error failure_of(const http2_frame_head& head) {
  const auto raw = encode(head);
  const auto frames = read_in_steps({raw.begin(), raw.end()}, 9);
  return frames ? base::error() : frames.error();
}

TEST(Http2Frame, SizesThatTheStandardForbidsAreRefused) {
  const http2_frame_head forbidden[] = {
      {.length = http2_default_frame + 1, .type = http2_type::data, .stream = 1},
      {.length = 5, .type = http2_type::settings},
      {.length = 6, .type = http2_type::settings, .flags = http2_flag::ack},
      {.length = 33 * 6, .type = http2_type::settings},
      {.length = 7, .type = http2_type::ping},
      {.length = 3, .type = http2_type::window_update},
      {.length = 7, .type = http2_type::goaway},
      {.length = 4, .type = http2_type::priority, .stream = 1},
  };
  for (const auto& head : forbidden) {
    EXPECT_EQ(failure_of(head), errc::http2_frame_size);
  }
}

TEST(Http2Frame, StreamsThatTheStandardForbidsAreRefused) {
  const http2_frame_head forbidden[] = {
      {.length = 6, .type = http2_type::settings, .stream = 1},
      {.length = 8, .type = http2_type::ping, .stream = 1},
      {.length = 4, .type = http2_type::rst_stream},
      {.length = 4, .type = http2_type::headers},
  };
  for (const auto& head : forbidden) {
    EXPECT_EQ(failure_of(head), errc::http2_frame_malformed);
  }
}

TEST(Http2Frame, PaddingAndPriorityAreStrippedWhereverTheFrameIsCut) {
  const base::byte_vector frame = {3, 0, 0, 0, 0, 9, 'a', 'b', 'c', 0, 0, 0};
  const http2_frame_head head = {.length = 12,
                                 .type = http2_type::headers,
                                 .flags = http2_flag::padded | http2_flag::priority,
                                 .stream = 1};
  for (std::size_t cut = 0; cut <= frame.size(); ++cut) {
    auto bytes = frame;
    http2_body body;
    ASSERT_TRUE(body.begin(head));
    const auto first = body.strip(base::byte_span(bytes).first(cut));
    const auto second = body.strip(base::byte_span(bytes).subspan(cut));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(std::string(base::as_text(*first)) + std::string(base::as_text(*second)), "abc");
  }
}

TEST(Http2Frame, PaddingLongerThanTheFrameIsRefused) {
  base::byte_vector frame = {3, 'a', 'b'};
  http2_body body;
  ASSERT_TRUE(body.begin(
      {.length = 3, .type = http2_type::data, .flags = http2_flag::padded, .stream = 1}));
  EXPECT_EQ(body.strip(frame).error(), errc::http2_frame_malformed);
  EXPECT_FALSE(body.begin({.type = http2_type::data, .flags = http2_flag::padded, .stream = 1}));
}

TEST(Http2Frame, SettingsMoveTheWindowOfTheStreamAndOverflowIsNamed) {
  http2_peer peer;
  ASSERT_TRUE(peer.apply_setting(http2_setting::initial_window_size, 100'000));
  EXPECT_EQ(peer.stream_window, 100'000);
  peer.stream_window -= 90'000;
  ASSERT_TRUE(peer.apply_setting(http2_setting::initial_window_size, 50'000));
  EXPECT_EQ(peer.stream_window, -40'000);
  EXPECT_EQ(peer.connection_window, http2_default_window);
  EXPECT_EQ(peer.apply_setting(http2_setting::initial_window_size, 0x8000'0000).error(),
            errc::http2_flow_violated);
  EXPECT_EQ(peer.apply_setting(http2_setting::max_frame_size, 100).error(),
            errc::http2_frame_malformed);
  EXPECT_EQ(peer.widen(0, 0x7fff'ffff).error(), errc::http2_flow_violated);
  EXPECT_EQ(peer.widen(1, 0).error(), errc::http2_flow_violated);
}

base::result<http_fields> read_block(const base::byte_vector& block, std::size_t split,
                                     http2_header_limits limits = {}) {
  base::byte_vector bytes;
  const base::byte_view whole(block);
  split = std::min(split, whole.size());
  append_frame(bytes, {.type = http2_type::headers, .stream = 1}, whole.first(split));
  append_frame(bytes,
               {.type = http2_type::continuation, .flags = http2_flag::end_headers, .stream = 1},
               whole.subspan(split));
  http2_frame_reader frames(http2_default_frame);
  http2_header_reader headers(limits);
  base::byte_span input(bytes);
  while (true) {
    HTTVPS_TRY(const auto piece, frames.next(input));
    if (!piece) {
      return base::fail(errc::http_unexpected_end);
    }
    HTTVPS_TRY(const auto progress, headers.take(frames.head(), *piece));
    if (progress == http2_header_reader::progress::complete) {
      return headers.take_fields();
    }
  }
}

TEST(Http2Frame, HeaderBlocksCrossContinuations) {
  const auto block = compress_headers({{":method", "GET"}, {"cookie", "a=b"}, {"x-y", "long"}});
  ASSERT_TRUE(block);
  for (std::size_t split = 0; split <= block->size(); ++split) {
    const auto fields = read_block(*block, split);
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->size(), 3U);
    EXPECT_EQ(fields->find("cookie"), "a=b");
  }
}

TEST(Http2Frame, HeaderBlocksAreBoundedInEveryWay) {
  const auto block = compress_headers({{":method", "GET"}, {"cookie", std::string(500, 'x')}});
  ASSERT_TRUE(block);
  EXPECT_EQ(read_block(*block, 10, {.block = 100}).error(), errc::http2_flood);
  EXPECT_EQ(read_block(*block, 10, {.fields = 1}).error(), errc::http2_flood);
  EXPECT_EQ(read_block(*block, 10, {.decoded = 400}).error(), errc::http2_flood);
  EXPECT_EQ(read_block(*block, 10, {.continuations = 0}).error(), errc::http2_flood);
  EXPECT_EQ(read_block({0xff, 0xff, 0xff, 0xff}, 2).error(), errc::http2_headers_malformed);
}

TEST(Http2Frame, ABombOfRepeatedFieldsIsStoppedByItsDecodedSize) {
  const auto seed = compress_headers({{"x", std::string(3000, 'y')}});
  ASSERT_TRUE(seed);
  auto bomb = *seed;
  bomb.insert(bomb.end(), 10'000, 0xbe);
  EXPECT_EQ(read_block(bomb, 1000).error(), errc::http2_flood);
}

}
}
