#include "httvps/net/http2_link.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "httvps/net/error.hpp"
#include "thread_buffers.hpp"

namespace httvps::net {

http2_link::http2_link(tls_stream stream, base::byte_vector early,
                       const http2_tunnel_options& chosen)
    : stream_(std::move(stream)), tunnel_(chosen), early_(std::move(early)) {}

task<> http2_link::wait_readable(base::steady_time deadline) {
  return early_.empty() ? stream_.wait_readable(deadline) : yield_to_others();
}

base::result<> http2_link::send_replies() {
  if (stream_.has_backlog()) {
    return {};
  }
  const auto replies = tunnel_.take_replies();
  return replies.empty() ? base::result<>() : stream_.try_write(replies);
}

base::result<> http2_link::receive_once(payload_sink sink) {
  if (!early_.empty()) {
    auto early = std::exchange(early_, {});
    HTTVPS_CHECK(tunnel_.receive(early, sink));
  }
  const borrowed_bytes plaintext(buffers_of_this_thread().plaintext);
  if (!plaintext) {
    return base::fail(errc::buffer_in_use);
  }
  const auto space = (*plaintext).span();
  const auto got = stream_.try_read(space);
  if (got) {
    HTTVPS_CHECK(tunnel_.receive(space.first(*got), sink));
  } else if (got.error() != errc::would_block && !tunnel_.is_closed()) {
    return base::fail(got.error());
  }
  return {};
}

base::result<link_state> http2_link::receive(payload_sink sink) {
  const auto received = receive_once(sink);
  const auto answered = send_replies();
  HTTVPS_CHECK(received);
  HTTVPS_CHECK(answered);
  return tunnel_.is_closed() ? link_state::closed : link_state::open;
}

base::result<send_state> http2_link::send(payload_source fill) {
  if (tunnel_.is_close_sent()) {
    return base::fail(errc::connection_closed);
  }
  HTTVPS_CHECK(stream_.flush());
  HTTVPS_CHECK(send_replies());
  if (stream_.has_backlog()) {
    return send_state::blocked;
  }
  auto& buffers = buffers_of_this_thread();
  const borrowed_bytes staging(buffers.staging);
  const borrowed_output output(buffers.output);
  if (!staging || !output) {
    return base::fail(errc::buffer_in_use);
  }
  const auto end = fill_output(fill, (*staging).span(), *output);
  HTTVPS_CHECK(stream_.send(*output));
  HTTVPS_CHECK(end);
  if (stream_.has_backlog()) {
    return send_state::blocked;
  }
  if (*end == fill_end::paused) {
    return send_state::paused;
  }
  return *end == fill_end::drained ? send_state::drained : send_state::has_more;
}

base::result<http2_link::fill_end> http2_link::fill_output(payload_source fill,
                                                           base::byte_span staging,
                                                           ciphertext_buffer& output) {
  constexpr auto least_place = http2_tunnel_overhead + http2_least_room;
  const auto budget = stream_.budget();
  std::size_t held = 0;
  auto end = fill_end::full;
  while (end == fill_end::full && output.size() + held < budget) {
    if (staging.size() - held < least_place + record_size) {
      const auto whole = held - held % record_size;
      HTTVPS_CHECK(stream_.encrypt(staging.first(whole), output));
      std::memmove(staging.data(), staging.data() + whole, held - whole);
      held -= whole;
    }
    const auto room = std::min(tunnel_.room(), staging.size() - held - http2_tunnel_overhead);
    const auto length = room == 0 ? 0 : fill(staging.subspan(held + tunnel_.header_room(), room));
    if (length > 0) {
      held += tunnel_.frame_in_place(staging.subspan(held), length);
    } else {
      end = room == 0 ? fill_end::paused : fill_end::drained;
    }
  }
  HTTVPS_CHECK(stream_.encrypt(staging.first(held), output));
  return end;
}

task<> http2_link::close(std::uint16_t code, base::steady_time deadline) {
  tunnel_.close(code);
  const auto sent = send_replies();
  const auto ended = co_await stream_.close(deadline);
  co_return sent ? ended : sent;
}

}
