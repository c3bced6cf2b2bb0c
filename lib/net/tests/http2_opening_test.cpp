#include "httvps/net/http2_opening.hpp"

#include <gtest/gtest.h>

namespace httvps::net {
namespace {

base::byte_vector preface() {
  base::byte_vector bytes;
  base::append(bytes, base::as_bytes(http2_preface));
  return bytes;
}

base::byte_vector greeting() {
  auto bytes = preface();
  base::byte_vector settings;
  append_setting(settings, http2_setting::initial_window_size, 6'291'456);
  append_frame(bytes, {.type = http2_type::settings}, settings);
  append_window_update(bytes, 0, 1000);
  return bytes;
}

void append_request(base::byte_vector& to, const http_fields& fields) {
  const auto block = compress_headers(fields);
  append_frame(to, {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = 1},
               *block);
}

struct reading {
  http2_opening_stage stage = http2_opening_stage::reading;
  base::byte_vector passed = {};
  std::size_t rest = 0;
};

reading read(http2_opening& opening, base::byte_vector bytes, std::size_t step) {
  reading done;
  base::byte_span left(bytes);
  while (!left.empty() && done.stage == http2_opening_stage::reading) {
    auto chunk = left.first(std::min(step, left.size()));
    const auto size = chunk.size();
    while (!chunk.empty() && done.stage == http2_opening_stage::reading) {
      const auto taken = opening.next(chunk);
      done.stage = taken.stage;
      base::append(done.passed, taken.passed);
    }
    left = left.subspan(size - chunk.size());
  }
  done.rest = left.size();
  return done;
}

TEST(Http2Opening, StopsBehindTheFirstHeaderBlockWhateverTheChunks) {
  auto bytes = greeting();
  append_request(bytes, {{":method", "CONNECT"}, {":protocol", "websocket"}, {":path", "/x"}});
  const auto end = bytes.size();
  append_frame(bytes, {.type = http2_type::data, .stream = 1}, base::byte_vector(100, 1));
  for (const std::size_t step : {1UL, 7UL, 50UL, 1000UL}) {
    http2_opening opening;
    const auto done = read(opening, bytes, step);
    EXPECT_EQ(done.stage, http2_opening_stage::offered);
    EXPECT_EQ(done.passed.size(), end);
    EXPECT_EQ(done.rest, bytes.size() - end);
    const auto offer = opening.take_offer();
    EXPECT_EQ(offer.stream, 1U);
    EXPECT_EQ(offer.fields.find(":protocol"), "websocket");
    EXPECT_EQ(offer.peer.stream_window, 6'291'456);
    EXPECT_EQ(offer.peer.connection_window, http2_default_window + 1000);
    EXPECT_EQ(offer.peer.longest_frame, http2_default_frame);
  }
}

TEST(Http2Opening, EverythingPassesAlsoWhenItGivesUp) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto bytes = base::as_bytes(text);
  http2_opening opening;
  const auto done = read(opening, {bytes.begin(), bytes.end()}, 5);
  EXPECT_EQ(done.stage, http2_opening_stage::given_up);
  EXPECT_EQ(done.passed.size() + done.rest, bytes.size());
}

http2_opening_stage stage_after(const base::byte_vector& more) {
  auto bytes = greeting();
  base::append(bytes, more);
  http2_opening opening;
  return read(opening, bytes, bytes.size()).stage;
}

TEST(Http2Opening, GivesUpOnWhatNoClientOfOursSends) {
  base::byte_vector data;
  append_frame(data, {.type = http2_type::data, .stream = 1}, {});
  EXPECT_EQ(stage_after(data), http2_opening_stage::given_up);
  base::byte_vector reset;
  append_reset(reset, 1, http2_code::cancel);
  EXPECT_EQ(stage_after(reset), http2_opening_stage::given_up);
  base::byte_vector overflow;
  append_window_update(overflow, 0, 0x7fff'ffff);
  EXPECT_EQ(stage_after(overflow), http2_opening_stage::given_up);
  http2_opening opening;
  auto no_settings = preface();
  append_window_update(no_settings, 0, 10);
  EXPECT_EQ(read(opening, no_settings, 1000).stage, http2_opening_stage::given_up);
}

TEST(Http2Opening, IsBoundedInFramesAndBytes) {
  base::byte_vector pings;
  for (std::size_t count = 0; count < http2_opening_frames; ++count) {
    append_frame(pings, {.type = http2_type::ping}, base::byte_vector(8));
  }
  EXPECT_EQ(stage_after(pings), http2_opening_stage::given_up);
  base::byte_vector unknown;
  append_frame(unknown, {.type = static_cast<http2_type>(77)},
               base::byte_vector(http2_opening_bytes));
  EXPECT_EQ(stage_after(unknown), http2_opening_stage::given_up);
}

}
}
