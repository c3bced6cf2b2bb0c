#include "httvps/net/websocket_link.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "thread_buffers.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t medium_header = 4;
constexpr std::size_t mask_size = 4;

}

websocket_link::websocket_link(tls_stream stream, base::byte_vector early,
                               websocket_link_options chosen)
    : stream_(std::move(stream)),
      decoder_({.role = chosen.role, .message_limit = chosen.message_limit}),
      role_(chosen.role),
      early_(std::move(early)) {}

task<> websocket_link::wait_readable(base::steady_time deadline) {
  return early_.empty() ? stream_.wait_readable(deadline) : yield_to_others();
}

task<> websocket_link::wait_writable(base::steady_time deadline) {
  return stream_.wait_writable(deadline);
}

base::result<link_state> websocket_link::receive(payload_sink sink) {
  if (!early_.empty()) {
    auto early = std::exchange(early_, {});
    HTTVPS_CHECK(decode(early, sink));
  }
  const borrowed_bytes plaintext(buffers_of_this_thread().plaintext);
  if (!plaintext) {
    return base::fail(errc::buffer_in_use);
  }
  const auto space = (*plaintext).span();
  const auto got = stream_.try_read(space);
  if (got) {
    HTTVPS_CHECK(decode(space.first(*got), sink));
  } else if (got.error() != errc::would_block && !is_closed()) {
    return base::fail(got.error());
  }
  HTTVPS_CHECK(answer_ping());
  return is_closed() ? link_state::closed : link_state::open;
}

base::result<> websocket_link::decode(base::byte_span plain, payload_sink sink) {
  while (true) {
    const auto event = decoder_.next(plain);
    if (!event) {
      return base::fail(close_after(event.error()));
    }
    if (event->kind == websocket_event_kind::need_more) {
      return {};
    }
    HTTVPS_CHECK(handle(*event, sink));
  }
}

base::result<> websocket_link::handle(const websocket_event& received, payload_sink sink) {
  switch (received.kind) {
    case websocket_event_kind::payload:
      sink(received.payload);
      return {};
    case websocket_event_kind::ping:
      base::copy_bytes(pong_, received.payload);
      pong_size_ = static_cast<std::uint8_t>(received.payload.size());
      pong_pending_ = true;
      return {};
    case websocket_event_kind::close:
      peer_close_code_ = received.close_code;
      return send_close(received.close_code);
    default:
      return {};
  }
}

base::result<> websocket_link::answer_ping() {
  if (!pong_pending_ || close_sent_ || has_backlog()) {
    return {};
  }
  pong_pending_ = false;
  return send_control(websocket_opcode::pong, base::byte_view(pong_).first(pong_size_));
}

base::result<> websocket_link::send_control(websocket_opcode opcode, base::byte_view payload) {
  const auto mask = next_mask();
  const auto frame = encode_control({.opcode = opcode,
                                     .payload = payload,
                                     .mask = role_ == websocket_role::client ? &mask : nullptr});
  return stream_.try_write(frame.view());
}

base::result<> websocket_link::send_close(std::uint16_t code) {
  if (std::exchange(close_sent_, true)) {
    return {};
  }
  const auto encoded = encode_close_code(code);
  return send_control(websocket_opcode::close,
                      code == 0 ? base::byte_view() : base::byte_view(encoded));
}

base::error websocket_link::close_after(const base::error& failure) {
  static_cast<void>(send_close(close_code_for(failure)));
  return failure;
}

base::result<send_state> websocket_link::send(payload_source fill) {
  if (close_sent_) {
    return base::fail(errc::connection_closed);
  }
  HTTVPS_CHECK(stream_.flush());
  HTTVPS_CHECK(answer_ping());
  if (has_backlog()) {
    return send_state::blocked;
  }
  auto& buffers = buffers_of_this_thread();
  const borrowed_bytes staging(buffers.staging);
  const borrowed_output output(buffers.output);
  if (!staging || !output) {
    return base::fail(errc::buffer_in_use);
  }
  const auto drained = fill_output(fill, (*staging).span(), *output);
  HTTVPS_CHECK(stream_.send(*output));
  if (!drained) {
    return base::fail(drained.error());
  }
  if (has_backlog()) {
    return send_state::blocked;
  }
  return *drained ? send_state::drained : send_state::has_more;
}

base::result<bool> websocket_link::fill_output(payload_source fill, base::byte_span staging,
                                               ciphertext_buffer& output) {
  const auto budget = stream_.budget();
  std::size_t held = 0;
  bool drained = false;
  while (output.size() < budget) {
    const auto length = fill(staging.subspan(held + header_room()));
    if (length == 0) {
      drained = true;
      break;
    }
    held += frame_in_place(staging.subspan(held), length);
    const auto whole = held - held % record_size;
    HTTVPS_CHECK(stream_.encrypt(staging.first(whole), output));
    std::memmove(staging.data(), staging.data() + whole, held - whole);
    held -= whole;
  }
  HTTVPS_CHECK(stream_.encrypt(staging.first(held), output));
  return drained;
}

std::size_t websocket_link::header_room() const noexcept {
  return medium_header + (role_ == websocket_role::client ? mask_size : 0);
}

std::size_t websocket_link::frame_in_place(base::byte_span place, std::size_t length) const {
  const auto mask = role_ == websocket_role::client ? next_mask() : websocket_mask{};
  const auto header =
      encode_header({.length = length, .mask = role_ == websocket_role::client ? &mask : nullptr});
  const auto payload = place.subspan(header_room(), length);
  if (role_ == websocket_role::client) {
    apply_mask(payload, mask);
  }
  if (header.size != header_room()) {
    std::memmove(place.data() + header.size, payload.data(), length);
  }
  base::copy_bytes(place, header.view());
  return header.size + length;
}

base::result<> websocket_link::ping(base::byte_view payload) {
  if (close_sent_) {
    return base::fail(errc::connection_closed);
  }
  return send_control(websocket_opcode::ping, payload);
}

task<> websocket_link::close(std::uint16_t code, base::steady_time deadline) {
  const auto sent = send_close(code);
  const auto ended = co_await stream_.close(deadline);
  co_return sent ? ended : sent;
}

}
