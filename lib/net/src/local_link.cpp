#include "httvps/net/local_link.hpp"

#include <algorithm>
#include <utility>

#include "thread_buffers.hpp"

namespace httvps::net {
namespace {

constexpr unsigned byte_bits = 8;

std::size_t length_in(base::byte_view header) {
  std::size_t length = 0;
  for (const auto each : header) {
    length = length << byte_bits | each;
  }
  return length;
}

void write_length(base::byte_span header, std::size_t length) {
  for (auto place = header.rbegin(); place != header.rend(); ++place) {
    *place = static_cast<std::uint8_t>(length);
    length >>= byte_bits;
  }
}

}

task<> local_link::wait_readable(base::steady_time deadline) {
  return stream_.socket().wait_readable(deadline);
}

base::result<link_state> local_link::receive(payload_sink sink) {
  const borrowed_bytes plaintext(buffers_of_this_thread().plaintext);
  if (!plaintext) {
    return base::fail(errc::buffer_in_use);
  }
  const auto space = (*plaintext).span();
  const auto got = stream_.read_into(space);
  if (got) {
    decode(space.first(*got), sink);
  } else if (got.error() == errc::connection_closed && !peer_closed_) {
    return base::fail(errc::connection_reset);
  } else if (got.error() != errc::would_block && !peer_closed_) {
    return base::fail(got.error());
  }
  return peer_closed_ ? link_state::closed : link_state::open;
}

void local_link::decode(base::byte_view bytes, payload_sink sink) {
  while (!bytes.empty() && !peer_closed_) {
    if (left_ > 0) {
      const auto count = std::min(left_, bytes.size());
      sink(bytes.first(count));
      left_ -= count;
      bytes = bytes.subspan(count);
      continue;
    }
    const auto count = std::min(header_size - header_held_, bytes.size());
    base::copy_bytes(base::byte_span(header_).subspan(header_held_), bytes.first(count));
    header_held_ += count;
    bytes = bytes.subspan(count);
    if (header_held_ == header_size) {
      header_held_ = 0;
      left_ = length_in(header_);
      peer_closed_ = left_ == 0;
    }
  }
}

base::result<send_state> local_link::send(payload_source fill) {
  if (close_sent_) {
    return base::fail(errc::connection_closed);
  }
  HTTVPS_CHECK(stream_.flush());
  if (stream_.has_backlog()) {
    return send_state::blocked;
  }
  auto& buffers = buffers_of_this_thread();
  const borrowed_bytes staging(buffers.staging);
  const borrowed_output output(buffers.output);
  if (!staging || !output) {
    return base::fail(errc::buffer_in_use);
  }
  const bool drained = fill_output(fill, (*staging).span(), *output);
  HTTVPS_CHECK(stream_.send(*output));
  if (stream_.has_backlog()) {
    return send_state::blocked;
  }
  return drained ? send_state::drained : send_state::has_more;
}

bool local_link::fill_output(payload_source fill, base::byte_span staging,
                             ciphertext_buffer& output) {
  const auto budget = stream_.budget();
  while (output.size() < budget) {
    const auto length = fill(staging.subspan(header_size));
    if (length == 0) {
      return true;
    }
    write_length(staging.first(header_size), length);
    output.append(staging.first(header_size + length));
    stream_.note_sent_elsewhere((length / record_size + 1) * local_record_cost - header_size);
  }
  return false;
}

task<> local_link::close(std::uint16_t, base::steady_time deadline) {
  base::result<> sent;
  if (!std::exchange(close_sent_, true)) {
    const borrowed_output control(buffers_of_this_thread().control);
    if (control) {
      (*control).append(base::byte_array<header_size>{});
      sent = stream_.send(*control);
    }
  }
  while (sent && stream_.has_backlog()) {
    sent = co_await stream_.wait_writable(deadline);
    if (sent) {
      sent = stream_.flush();
    }
  }
  if (sent) {
    co_return co_await stream_.socket().close(deadline);
  }
  stream_.socket().close_now();
  co_return sent;
}

}
