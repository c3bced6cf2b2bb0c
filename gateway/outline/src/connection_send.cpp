#include <algorithm>
#include <array>

#include "connection_state.hpp"

namespace httvps::gateway {
namespace {

class view_source final : public payload_source {
 public:
  explicit view_source(base::byte_view bytes) noexcept : bytes_(bytes) {}
  base::byte_view peek() override { return bytes_; }
  void consume(std::size_t count) override { bytes_ = bytes_.subspan(count); }

 private:
  base::byte_view bytes_;
};

}

struct node_connection::state::sealed_batch {
  base::byte_span space;
  std::size_t written = 0;
  std::size_t payload = 0;

  bool has_room() const noexcept {
    return payload < node_send_batch && rest().size() > shadowsocks::chunk_overhead;
  }
  base::byte_span rest() const noexcept { return space.subspan(written); }
  base::byte_view sealed() const noexcept { return space.first(written); }
};

base::result<> node_connection::state::send_first(const shadowsocks::encoded_target& target,
                                                  base::byte_view payload) {
  sealed_batch batch{.space = parts.shared->output_space()};
  const auto room = node_quantum - target.view().size();
  const auto first = payload.first(std::min(room, payload.size()));
  HTTVPS_TRY(batch.written, parts.encryptor.seal(batch.space, std::array{target.view(), first}));
  view_source rest(payload.subspan(first.size()));
  while (!rest.peek().empty()) {
    HTTVPS_CHECK(seal_some(batch, rest));
  }
  HTTVPS_CHECK(write_or_keep(batch.sealed()));
  traffic.up += payload.size();
  sending = sending_state::open;
  return {};
}

base::result<std::size_t> node_connection::state::send_from(payload_source& source) {
  if (sending != sending_state::open) {
    return base::fail(outline_errc::sending_ended);
  }
  HTTVPS_CHECK(flush());
  std::size_t accepted = 0;
  while (backlog.empty() && !source.peek().empty()) {
    sealed_batch batch{.space = parts.shared->output_space()};
    while (batch.has_room() && !source.peek().empty()) {
      HTTVPS_CHECK(seal_some(batch, source));
    }
    HTTVPS_CHECK(write_or_keep(batch.sealed()));
    accepted += batch.payload;
    traffic.up += batch.payload;
  }
  return accepted;
}

base::result<> node_connection::state::seal_some(sealed_batch& batch, payload_source& source) {
  const auto bytes = source.peek();
  const auto room = batch.rest().size() - shadowsocks::chunk_overhead;
  const auto part = bytes.first(std::min({bytes.size(), node_quantum, room}));
  HTTVPS_TRY(const auto written, parts.encryptor.seal(batch.rest(), part));
  source.consume(part.size());
  batch.written += written;
  batch.payload += part.size();
  return {};
}

base::result<> node_connection::state::write_or_keep(base::byte_view sealed) {
  const auto sent = parts.socket.try_write(sealed);
  if (!sent && sent.error() != net::errc::would_block) {
    return base::fail(stream_failure_of(sent.error()));
  }
  const auto rest = sealed.subspan(sent.value_or(0));
  if (!rest.empty()) {
    backlog.append(rest);
  }
  return {};
}

base::result<> node_connection::state::flush() {
  while (!backlog.empty()) {
    const auto sent = parts.socket.try_write(backlog.view());
    if (!sent) {
      return sent.error() == net::errc::would_block ? base::result<>()
                                                    : base::fail(stream_failure_of(sent.error()));
    }
    backlog.drop_front(*sent);
  }
  backlog.release();
  if (sending == sending_state::ending) {
    end_sending();
  }
  return {};
}

base::result<> node_connection::state::shutdown_send() {
  if (sending != sending_state::open) {
    return {};
  }
  sending = sending_state::ending;
  return flush();
}

void node_connection::state::end_sending() {
  if (parts.node->holds_half_close()) {
    hold_end();
  } else {
    pass_end_on();
  }
}

void node_connection::state::pass_end_on() {
  sending = parts.socket.shutdown_write() ? sending_state::ended : sending_state::broken;
}

void node_connection::state::hold_end() {
  sending = sending_state::held;
  down_at_last_look = traffic.down;
  if (!quiet_timer) {
    quiet_timer = std::make_unique<boost::asio::steady_timer>(parts.socket.get_executor());
  }
  quiet_timer->expires_after(parts.node->half_close_quiet());
  quiet_timer->async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (!failure && self) {
      self->on_quiet();
    }
  });
}

void node_connection::state::on_quiet() {
  if (sending != sending_state::held || !parts.socket.is_open()) {
    return;
  }
  if (traffic.down != down_at_last_look) {
    hold_end();
    return;
  }
  pass_end_on();
}

void node_connection::state::stop_timer() noexcept {
  quiet_timer.reset();
}

base::result<std::size_t> node_connection::try_send(base::byte_view payload) {
  view_source source(payload);
  return state_->send_from(source);
}

}
