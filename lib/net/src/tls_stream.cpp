#include "httvps/net/tls_stream.hpp"

#include <algorithm>

#include "thread_buffers.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t write_chunk = 256 * 1024;

}

tls_stream::tls_stream(tcp_stream socket, tls_engine engine)
    : carrier_socket(std::move(socket)), engine_(std::move(engine)) {}

base::result<base::byte_view> tls_stream::receive_ciphertext(base::byte_span space) {
  if (!unread_.empty()) {
    const auto count = std::min(space.size(), unread_.size());
    base::copy_bytes(space, unread_.view().first(count));
    unread_.drop_front(count);
    if (unread_.empty()) {
      unread_.release();
    }
    return base::byte_view(space.first(count));
  }
  const auto got = read_into(space);
  more_expected_ = got && *got == space.size();
  if (!got) {
    const bool ended = got.error() == errc::connection_closed && engine_.is_handshake_finished();
    return base::fail(ended ? base::error(errc::tls_truncated) : got.error());
  }
  return base::byte_view(space.first(*got));
}

base::result<tls_progress> tls_stream::handshake_step() {
  auto& buffers = buffers_of_this_thread();
  const borrowed_bytes received(buffers.received);
  const borrowed_output control(buffers.control);
  if (!received || !control) {
    return base::fail(errc::buffer_in_use);
  }
  auto& output = *control;
  base::byte_view input;
  auto progress = engine_.handshake(input, output);
  if (progress == tls_progress::wants_input) {
    const auto fresh = receive_ciphertext((*received).span());
    if (!fresh) {
      HTTVPS_CHECK(send(output));
      return base::fail(fresh.error());
    }
    input = *fresh;
    progress = engine_.handshake(input, output);
  }
  keep_unread(input);
  const auto sent = send(output);
  if (progress && !sent) {
    return base::fail(sent.error());
  }
  return progress;
}

task<> tls_stream::handshake(base::steady_time deadline) {
  while (true) {
    const auto progress = handshake_step();
    if (!progress && progress.error() != errc::would_block) {
      co_return base::fail(progress.error());
    }
    while (has_backlog()) {
      HTTVPS_CO_CHECK(co_await wait_writable(deadline));
      HTTVPS_CO_CHECK(flush());
    }
    if (progress == tls_progress::finished) {
      co_return base::result<>();
    }
    if (!progress) {
      HTTVPS_CO_CHECK(co_await socket_.wait_readable(deadline));
    }
  }
}

base::result<std::size_t> tls_stream::try_read(base::byte_span plain) {
  auto& buffers = buffers_of_this_thread();
  const borrowed_bytes received(buffers.received);
  const borrowed_output control(buffers.control);
  if (!received || !control) {
    return base::fail(errc::buffer_in_use);
  }
  auto& output = *control;
  base::byte_view input;
  if (!engine_.has_pending()) {
    HTTVPS_TRY(input, receive_ciphertext((*received).span()));
  }
  const auto got = engine_.read(input, plain, output);
  keep_unread(input);
  const auto sent = send(output);
  if (got && !sent) {
    return base::fail(sent.error());
  }
  return got;
}

void tls_stream::keep_unread(base::byte_view input) {
  if (input.empty()) {
    return;
  }
  ciphertext_buffer kept;
  kept.append(input);
  kept.append(unread_.view());
  unread_ = std::move(kept);
}

base::result<> tls_stream::encrypt(base::byte_view plain, ciphertext_buffer& output) {
  return engine_.write(plain, output);
}

base::result<> tls_stream::try_write(base::byte_view plain) {
  const borrowed_output output(buffers_of_this_thread().output);
  if (!output) {
    return base::fail(errc::buffer_in_use);
  }
  while (!plain.empty()) {
    const auto count = std::min(plain.size(), write_chunk);
    const auto encrypted = encrypt(plain.first(count), *output);
    HTTVPS_CHECK(send(*output));
    HTTVPS_CHECK(encrypted);
    plain = plain.subspan(count);
  }
  return {};
}

task<> tls_stream::wait_readable(base::steady_time deadline) {
  if (engine_.has_pending() || !unread_.empty() || more_expected_) {
    return yield_to_others();
  }
  return socket_.wait_readable(deadline);
}

task<std::size_t> tls_stream::read_some(base::byte_span space, base::steady_time deadline) {
  while (true) {
    const auto got = try_read(space);
    if (got || got.error() != errc::would_block) {
      co_return got;
    }
    HTTVPS_CO_CHECK(co_await wait_readable(deadline));
  }
}

task<> tls_stream::write_all(base::byte_view bytes, base::steady_time deadline) {
  while (!bytes.empty() || has_backlog()) {
    if (has_backlog()) {
      HTTVPS_CO_CHECK(co_await wait_writable(deadline));
      HTTVPS_CO_CHECK(flush());
      continue;
    }
    const auto count = std::min(bytes.size(), write_chunk);
    HTTVPS_CO_CHECK(try_write(bytes.first(count)));
    bytes = bytes.subspan(count);
  }
  co_return base::result<>();
}

base::result<> tls_stream::send_close_notify() {
  const borrowed_output control(buffers_of_this_thread().control);
  if (!control) {
    return base::fail(errc::buffer_in_use);
  }
  engine_.close(*control);
  return send(*control);
}

task<> tls_stream::close(base::steady_time deadline) {
  auto sent = send_close_notify();
  while (sent && has_backlog()) {
    sent = co_await wait_writable(deadline);
    if (sent) {
      sent = flush();
    }
  }
  if (sent) {
    co_return co_await socket_.close(deadline);
  }
  socket_.close_now();
  co_return sent;
}

}
