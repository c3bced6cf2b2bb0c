#include <algorithm>
#include <cstring>
#include <utility>

#include "http2_limits.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/http2_tunnel.hpp"
#include "thread_buffers.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t medium_header = 4;
constexpr std::size_t mask_size = 4;
constexpr std::size_t longest_message = 0xffff;

}

std::size_t http2_tunnel::header_room() const noexcept {
  return http2_head_size + medium_header + (is_client() ? mask_size : 0);
}

std::size_t http2_tunnel::room() const noexcept {
  const auto window = std::min(peer_.stream_window, peer_.connection_window);
  const auto longest = std::min<std::int64_t>(peer_.longest_frame, window);
  const auto framing = static_cast<std::int64_t>(header_room() - http2_head_size);
  if (longest < framing + static_cast<std::int64_t>(http2_least_room)) {
    return 0;
  }
  return std::min(static_cast<std::size_t>(longest - framing), longest_message);
}

std::size_t http2_tunnel::frame_in_place(base::byte_span place, std::size_t length) {
  const auto mask = is_client() ? next_mask() : websocket_mask{};
  const auto header = encode_header({.length = length, .mask = is_client() ? &mask : nullptr});
  const auto payload = place.subspan(header_room(), length);
  if (is_client()) {
    apply_mask(payload, mask);
  }
  const auto before = http2_head_size + header.size;
  if (before != header_room()) {
    std::memmove(place.data() + before, payload.data(), length);
  }
  base::copy_bytes(place.subspan(http2_head_size), header.view());
  const auto size = header.size + length;
  base::copy_bytes(place, encode({.length = static_cast<std::uint32_t>(size), .stream = stream_}));
  peer_.stream_window -= static_cast<std::int64_t>(size);
  peer_.connection_window -= static_cast<std::int64_t>(size);
  earn();
  return http2_head_size + size;
}

base::byte_vector http2_tunnel::take_replies() {
  return std::exchange(replies_, {});
}

bool http2_tunnel::send_control(websocket_opcode opcode, base::byte_view payload) {
  const auto mask = is_client() ? next_mask() : websocket_mask{};
  const auto frame =
      encode_control({.opcode = opcode, .payload = payload, .mask = is_client() ? &mask : nullptr});
  const auto size = static_cast<std::int64_t>(frame.size);
  if (std::min(peer_.stream_window, peer_.connection_window) < size) {
    return false;
  }
  append_frame(replies_, {.type = http2_type::data, .stream = stream_}, frame.view());
  peer_.stream_window -= size;
  peer_.connection_window -= size;
  return true;
}

void http2_tunnel::answer_ping() {
  if (!pong_size_ || close_sent_ || replies_.size() > http2_replies_most) {
    return;
  }
  if (send_control(websocket_opcode::pong, base::byte_view(pong_).first(*pong_size_))) {
    pong_size_.reset();
  }
}

void http2_tunnel::send_close(std::uint16_t code) {
  if (std::exchange(close_sent_, true)) {
    return;
  }
  const auto encoded = encode_close_code(code);
  send_control(websocket_opcode::close, code == 0 ? base::byte_view() : base::byte_view(encoded));
}

void http2_tunnel::close(std::uint16_t code) {
  const bool first = !close_sent_;
  send_close(code);
  if (first) {
    append_goaway(replies_, is_client() ? 0 : stream_, http2_code::no_error);
  }
}

base::error http2_tunnel::refuse(const base::error& failure) {
  if (failure == errc::http2_stream_reset || failure == errc::websocket_upgrade_refused) {
    close_sent_ = true;
    return failure;
  }
  const bool framing = failure == errc::http2_frame_malformed ||
                       failure == errc::http2_flow_violated || failure == errc::http2_flood ||
                       failure == errc::http2_headers_malformed ||
                       failure == errc::http2_frame_size;
  if (!framing) {
    send_close(close_code_for(failure));
  }
  close_sent_ = true;
  append_goaway(replies_, is_client() ? 0 : stream_,
                framing ? code_for(failure) : http2_code::no_error);
  return failure;
}

}
