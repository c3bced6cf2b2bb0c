#include "httvps/net/http2_tunnel.hpp"

#include <algorithm>
#include <utility>

#include "http2_limits.hpp"
#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr std::uint32_t earned_by_payload = 16;
constexpr std::uint8_t interim_answers_most = 8;
constexpr std::uint32_t announced_table = 65'536;
constexpr std::int64_t replenish_step = http2_tunnel_window / 4;

bool is_interim(std::string_view status) {
  return status.size() == 3 && status.front() == '1' && status != "101";
}

}

http2_tunnel::http2_tunnel(http2_tunnel_options chosen)
    : role_(chosen.role),
      stream_(chosen.stream),
      peer_(chosen.peer),
      frames_(chosen.longest_frame),
      messages_({.role = chosen.role, .message_limit = chosen.message_limit}),
      granted_stream_(chosen.stream_window),
      granted_connection_(chosen.connection_window) {
  if (is_client()) {
    answer_ = std::make_unique<http2_header_reader>(http2_header_limits{.table = announced_table});
    return;
  }
  accepted_ = true;
  constexpr std::uint8_t status_200[] = {0x88};
  append_frame(replies_,
               {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = stream_},
               status_200);
  widen();
}

void http2_tunnel::widen() {
  if (const auto missing = http2_tunnel_window - granted_stream_; missing > 0) {
    append_window_update(replies_, stream_, static_cast<std::uint32_t>(missing));
  }
  if (const auto missing = http2_tunnel_window - granted_connection_; missing > 0) {
    append_window_update(replies_, 0, static_cast<std::uint32_t>(missing));
  }
}

void http2_tunnel::replenish() {
  if (consumed_ < replenish_step || ended_) {
    return;
  }
  const auto step = static_cast<std::uint32_t>(std::exchange(consumed_, 0));
  append_window_update(replies_, stream_, step);
  append_window_update(replies_, 0, step);
}

base::result<> http2_tunnel::spend() noexcept {
  if (idle_frames_left_ == 0 || replies_.size() > http2_replies_most) {
    return base::fail(errc::http2_flood);
  }
  --idle_frames_left_;
  return {};
}

void http2_tunnel::earn() noexcept {
  idle_frames_left_ = std::min(idle_frames_left_ + earned_by_payload, http2_idle_frames);
}

base::result<link_state> http2_tunnel::receive(base::byte_span plain, payload_sink sink) {
  const auto taken = take_input(plain, sink);
  if (!taken) {
    return base::fail(refuse(taken.error()));
  }
  replenish();
  answer_ping();
  return is_closed() ? link_state::closed : link_state::open;
}

base::result<> http2_tunnel::take_input(base::byte_span plain, payload_sink sink) {
  while (!is_closed()) {
    HTTVPS_TRY(const auto piece, frames_.next(plain));
    if (!piece) {
      return {};
    }
    HTTVPS_CHECK(take_piece(*piece, sink));
  }
  return {};
}

base::result<> http2_tunnel::begin_frame() {
  const auto& head = frames_.head();
  HTTVPS_CHECK(spend());
  if (answer_ && answer_->is_open() && head.type != http2_type::continuation) {
    return base::fail(errc::http2_frame_malformed);
  }
  if (head.type != http2_type::data) {
    return control_.begin(head);
  }
  if (head.stream != stream_ || !accepted_) {
    return base::fail(errc::http2_frame_malformed);
  }
  consumed_ += head.length;
  return body_.begin(head);
}

base::result<> http2_tunnel::take_piece(const http2_piece& piece, payload_sink sink) {
  if (piece.starts) {
    HTTVPS_CHECK(begin_frame());
  }
  switch (frames_.head().type) {
    case http2_type::data:
      return take_data(piece, sink);
    case http2_type::headers:
    case http2_type::continuation:
      return take_answer(piece);
    case http2_type::push_promise:
      return base::fail(errc::http2_frame_malformed);
    default:
      return take_control(piece);
  }
}

base::result<> http2_tunnel::take_data(const http2_piece& piece, payload_sink sink) {
  HTTVPS_TRY(const auto body, body_.strip(piece.payload));
  if (!body.empty()) {
    earn();
    HTTVPS_CHECK(decode(body, sink));
  }
  if (piece.ends && frames_.head().has(http2_flag::end_stream)) {
    ended_ = true;
  }
  return {};
}

base::result<> http2_tunnel::decode(base::byte_span plain, payload_sink sink) {
  while (true) {
    HTTVPS_TRY(const auto received, messages_.next(plain));
    switch (received.kind) {
      case websocket_event_kind::need_more:
        return {};
      case websocket_event_kind::payload:
        sink(received.payload);
        break;
      case websocket_event_kind::ping:
        base::copy_bytes(pong_, received.payload);
        pong_size_ = static_cast<std::uint8_t>(received.payload.size());
        break;
      case websocket_event_kind::close:
        peer_close_code_ = received.close_code;
        send_close(received.close_code);
        break;
      default:
        break;
    }
  }
}

base::result<> http2_tunnel::take_answer(const http2_piece& piece) {
  if (!answer_ || frames_.head().stream != stream_) {
    return base::fail(errc::http2_frame_malformed);
  }
  HTTVPS_TRY(const auto progress, answer_->take(frames_.head(), piece));
  if (progress == http2_header_reader::progress::more) {
    return {};
  }
  return accept(answer_->take_fields());
}

base::result<> http2_tunnel::accept(const http_fields& answer) {
  const auto status = answer.find(":status").value_or("");
  if (is_interim(status) && ++interim_answers_ <= interim_answers_most && !answer_->ends_stream()) {
    return {};
  }
  if (status != "200" || answer_->ends_stream() || answer.find("sec-websocket-extensions")) {
    return base::fail(errc::websocket_upgrade_refused);
  }
  accepted_ = true;
  answer_.reset();
  widen();
  return {};
}

base::result<> http2_tunnel::take_control(const http2_piece& piece) {
  HTTVPS_CHECK(control_.take(piece.payload, peer_));
  return piece.ends ? end_of_control() : base::result<>();
}

base::result<> http2_tunnel::end_of_control() {
  const auto& head = frames_.head();
  switch (head.type) {
    case http2_type::settings:
      if (!head.has(http2_flag::ack)) {
        append_frame(replies_, {.type = http2_type::settings, .flags = http2_flag::ack}, {});
      }
      return {};
    case http2_type::ping:
      if (!head.has(http2_flag::ack)) {
        append_frame(replies_, {.type = http2_type::ping, .flags = http2_flag::ack},
                     control_.bytes());
      }
      return {};
    case http2_type::window_update:
      return take_window(control_.number(0) & 0x7fff'ffffU);
    case http2_type::rst_stream:
      return take_reset();
    case http2_type::goaway:
      return take_goaway();
    default:
      return {};
  }
}

base::result<> http2_tunnel::take_window(std::uint32_t increment) {
  const auto stream = frames_.head().stream;
  if (stream != 0 && stream != stream_) {
    return base::fail(errc::http2_frame_malformed);
  }
  return peer_.widen(stream, increment);
}

base::result<> http2_tunnel::take_reset() {
  if (frames_.head().stream != stream_) {
    return base::fail(errc::http2_frame_malformed);
  }
  ended_ = true;
  return base::fail(accepted_ ? errc::http2_stream_reset : errc::websocket_upgrade_refused);
}

base::result<> http2_tunnel::take_goaway() {
  if (accepted_) {
    return {};
  }
  const bool graceful = control_.number(0) >= stream_ && control_.number(4) == 0;
  return graceful ? base::result<>() : base::fail(errc::websocket_upgrade_refused);
}

}
