#include "httvps/net/http2_tunnel.hpp"

#include <gtest/gtest.h>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr http2_tunnel_options as_server = {.role = websocket_role::server, .stream = 1};
constexpr http2_tunnel_options as_client = {.role = websocket_role::client, .stream = 1};

base::byte_vector frame_of(const http2_frame_head& head, base::byte_view payload = {}) {
  base::byte_vector bytes;
  append_frame(bytes, head, payload);
  return bytes;
}

base::byte_vector message_for_server(std::size_t size) {
  const base::byte_vector payload(size, 'p');
  const websocket_mask mask = {0, 0, 0, 0};
  base::byte_vector bytes;
  base::append(bytes, encode_header({.length = size, .mask = &mask}).view());
  base::append(bytes, payload);
  return frame_of({.type = http2_type::data, .stream = 1}, bytes);
}

struct outcome {
  base::error failure = {};
  std::size_t payload = 0;
  std::size_t largest_reply = 0;
  std::size_t frames = 0;
};

outcome feed_repeatedly(http2_tunnel& tunnel, const base::byte_vector& frame, std::size_t times) {
  outcome result;
  for (std::size_t count = 0; count < times && !result.failure; ++count) {
    auto bytes = frame;
    const auto state =
        tunnel.receive(bytes, [&](base::byte_view piece) { result.payload += piece.size(); });
    result.failure = state ? base::error() : state.error();
    result.largest_reply = std::max(result.largest_reply, tunnel.take_replies().size());
    result.frames = count + 1;
  }
  return result;
}

outcome flood_server(const base::byte_vector& frame) {
  http2_tunnel tunnel(as_server);
  tunnel.take_replies();
  return feed_repeatedly(tunnel, frame, 100'000);
}

TEST(Http2Tunnel, FramesThatCarryNothingAreBounded) {
  base::byte_vector window;
  append_window_update(window, 1, 1);
  const base::byte_vector padding = {9, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const base::byte_vector empty_frames[] = {
      frame_of({.type = http2_type::ping}, base::byte_vector(8)),
      frame_of({.type = http2_type::settings}),
      frame_of({.type = http2_type::settings, .flags = http2_flag::ack}),
      frame_of({.type = http2_type::priority, .stream = 3}, base::byte_vector(5)),
      frame_of({.type = http2_type::data, .stream = 1}),
      frame_of({.type = http2_type::data, .flags = http2_flag::padded, .stream = 1}, padding),
      frame_of({.type = static_cast<http2_type>(99), .stream = 7}),
      frame_of({.type = http2_type::goaway}, base::byte_vector(8)),
      window};
  for (const auto& frame : empty_frames) {
    const auto result = flood_server(frame);
    EXPECT_EQ(result.failure, errc::http2_flood);
    EXPECT_EQ(result.frames, http2_idle_frames + 1);
    EXPECT_LE(result.largest_reply, 64U);
  }
}

TEST(Http2Tunnel, AFloodInOneReadHasBoundedAnswers) {
  base::byte_vector flood;
  for (int count = 0; count < 100'000; ++count) {
    append_frame(flood, {.type = http2_type::ping}, base::byte_vector(8));
  }
  http2_tunnel tunnel(as_server);
  EXPECT_EQ(tunnel.receive(flood, [](base::byte_view) {}).error(), errc::http2_flood);
  EXPECT_LT(tunnel.take_replies().size(), 20'000U);
}

TEST(Http2Tunnel, PayloadPaysForControlFrames) {
  auto frames = message_for_server(10);
  for (int count = 0; count < 14; ++count) {
    append_frame(frames, {.type = http2_type::ping}, base::byte_vector(8));
  }
  http2_tunnel tunnel(as_server);
  tunnel.take_replies();
  const auto result = feed_repeatedly(tunnel, frames, 5000);
  EXPECT_EQ(result.failure, base::error());
  EXPECT_EQ(result.payload, 50'000U);
}

TEST(Http2Tunnel, OnAServerStreamsOtherThanTheCarriersAreRefused) {
  for (const auto type : {http2_type::headers, http2_type::continuation, http2_type::push_promise,
                          http2_type::data, http2_type::rst_stream, http2_type::window_update}) {
    const auto result =
        flood_server(frame_of({.type = type, .stream = 3}, base::byte_vector(4, 1)));
    EXPECT_EQ(result.failure, errc::http2_frame_malformed);
    EXPECT_EQ(result.frames, 1U);
  }
}

TEST(Http2Tunnel, DataBeforeTheAnswerIsRefused) {
  http2_tunnel tunnel(as_client);
  const auto data = frame_of({.type = http2_type::data, .stream = 1}, base::byte_vector(10));
  EXPECT_EQ(feed_repeatedly(tunnel, data, 1).failure, errc::http2_frame_malformed);
}

TEST(Http2Tunnel, AWindowThatOverflowsIsNamed) {
  base::byte_vector window;
  append_window_update(window, 1, 0x7fff'ffff);
  EXPECT_EQ(flood_server(window).failure, errc::http2_flow_violated);
  base::byte_vector zero;
  append_window_update(zero, 1, 0);
  EXPECT_EQ(flood_server(zero).failure, errc::http2_flow_violated);
}

TEST(Http2Tunnel, SendingPausesAtTheWindowOfThePeerAndGoesOnAfterwards) {
  http2_tunnel tunnel({.role = websocket_role::server,
                       .peer = {.stream_window = 10'000, .connection_window = 9000}});
  base::byte_vector place(20'000);
  EXPECT_EQ(tunnel.room(), 9000U - 4);
  EXPECT_EQ(tunnel.frame_in_place(place, 8000), 8000U + 13);
  EXPECT_EQ(tunnel.room(), 0U);
  base::byte_vector more;
  append_window_update(more, 0, 100'000);
  EXPECT_EQ(feed_repeatedly(tunnel, more, 1).failure, base::error());
  EXPECT_EQ(tunnel.room(), 0U);
  append_window_update(more, 1, 100'000);
  EXPECT_EQ(feed_repeatedly(tunnel, more, 1).failure, base::error());
  EXPECT_EQ(tunnel.room(), http2_default_frame - 4U);
}

TEST(Http2Tunnel, WindowsAreRaisedAndReplenishedInBigSteps) {
  http2_tunnel tunnel({.role = websocket_role::server, .connection_window = 0x7fff'ffff});
  const auto opening = tunnel.take_replies();
  EXPECT_EQ(opening.size(), 9U + 1 + 13);
  const auto data = message_for_server(60'000);
  std::size_t updates = 0;
  std::size_t sent = 0;
  while (sent < 300'000'000) {
    auto bytes = data;
    ASSERT_TRUE(tunnel.receive(bytes, [](base::byte_view) {}));
    updates += tunnel.take_replies().empty() ? 0 : 1;
    sent += 60'000;
  }
  EXPECT_EQ(updates, 4U);
}

TEST(Http2Tunnel, AClientTakesInterimAnswersButNotManyAndNoExtension) {
  const auto interim = compress_headers({{":status", "103"}});
  const auto early_hint = frame_of(
      {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = 1}, *interim);
  http2_tunnel patient(as_client);
  EXPECT_EQ(feed_repeatedly(patient, early_hint, 3).failure, base::error());
  EXPECT_FALSE(patient.is_accepted());
  EXPECT_EQ(feed_repeatedly(patient, early_hint, 100).failure, errc::websocket_upgrade_refused);
  const auto extended =
      compress_headers({{":status", "200"}, {"sec-websocket-extensions", "permessage-deflate"}});
  http2_tunnel strict(as_client);
  const auto answer = frame_of(
      {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = 1}, *extended);
  EXPECT_EQ(feed_repeatedly(strict, answer, 1).failure, errc::websocket_upgrade_refused);
}

TEST(Http2Tunnel, AResetAfterTheAnswerIsNamed) {
  base::byte_vector reset;
  append_reset(reset, 1, http2_code::cancel);
  EXPECT_EQ(flood_server(reset).failure, errc::http2_stream_reset);
}

TEST(Http2Tunnel, TheEndOfTheStreamClosesTheLink) {
  http2_tunnel tunnel(as_server);
  auto end = frame_of({.type = http2_type::data, .flags = http2_flag::end_stream, .stream = 1});
  EXPECT_EQ(tunnel.receive(end, [](base::byte_view) {}), link_state::closed);
}

}
}
