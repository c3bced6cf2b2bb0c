#include <algorithm>

#include "connection_state.hpp"

namespace httvps::gateway {

base::result<receive_state> node_connection::state::receive(payload_sink& sink, std::size_t limit) {
  if (is_paused()) {
    HTTVPS_CHECK(read_kept(sink));
    if (is_paused()) {
      return receive_state::paused;
    }
  }
  return read_socket(sink, limit);
}

bool node_connection::state::is_paused() const noexcept {
  return !unread.empty() || parts.decryptor.completes_with(0);
}

base::result<> node_connection::state::read_kept(payload_sink& sink) {
  HTTVPS_TRY(const auto rest, deliver(unread.view(), sink));
  unread.drop_front(unread.size() - rest.size());
  if (unread.empty()) {
    unread.release();
  }
  return {};
}

base::result<receive_state> node_connection::state::read_socket(payload_sink& sink,
                                                                std::size_t limit) {
  const auto space = parts.shared->input_space();
  const auto room = space.first(std::clamp(limit, std::size_t{1}, space.size()));
  const auto count = parts.socket.try_read(room);
  if (!count && count.error() == net::errc::would_block) {
    return receive_state::drained;
  }
  if (!count && count.error() == net::errc::connection_closed) {
    return end_of_stream();
  }
  if (!count) {
    return base::fail(stream_failure_of(count.error()));
  }
  HTTVPS_TRY(const auto rest, deliver(room.first(*count), sink));
  if (!rest.empty()) {
    unread.append(rest);
  }
  if (is_paused()) {
    return receive_state::paused;
  }
  return *count == room.size() ? receive_state::more : receive_state::drained;
}

base::result<base::byte_view> node_connection::state::deliver(base::byte_view sealed,
                                                              payload_sink& sink) {
  auto& decryptor = parts.decryptor;
  while (!sealed.empty() || decryptor.completes_with(0)) {
    if (!decryptor.completes_with(sealed.size())) {
      HTTVPS_TRY(sealed, opened(sealed, {}));
      continue;
    }
    HTTVPS_TRY(const bool delivered, deliver_chunk(sealed, sink));
    if (!delivered) {
      break;
    }
  }
  return sealed;
}

base::result<bool> node_connection::state::deliver_chunk(base::byte_view& sealed,
                                                         payload_sink& sink) {
  const auto size = parts.decryptor.next_payload_size();
  const auto space = sink.reserve(size);
  if (space.size() < size) {
    return false;
  }
  HTTVPS_TRY(sealed, opened(sealed, space.first(size)));
  sink.commit(size);
  traffic.down += size;
  return true;
}

base::result<base::byte_view> node_connection::state::opened(base::byte_view sealed,
                                                             base::byte_span out) {
  const auto done = parts.decryptor.open(sealed, out);
  if (!done) {
    return base::fail(outline_errc::node_protocol_error);
  }
  return sealed.subspan(done->consumed);
}

base::result<receive_state> node_connection::state::end_of_stream() const {
  const auto& decryptor = parts.decryptor;
  if (decryptor.is_cut()) {
    return base::fail(outline_errc::node_truncated);
  }
  if (traffic.down == 0 && sending == sending_state::open) {
    return base::fail(outline_errc::target_unreachable_or_closed);
  }
  return receive_state::ended;
}

}
