#include "httvps/sdk/tunnel_stream.hpp"

#include <algorithm>
#include <utility>

#include "httvps/net/event.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {

struct tunnel_stream::state final : stream_handler {
  explicit state(const net::executor& runs_on) : readable(runs_on), writable(runs_on) {}

  std::size_t on_data(base::byte_view) override {
    readable.notify();
    return 0;
  }

  void on_change(const stream_change& change) override {
    if (change.kind == stream_change_kind::failed) {
      read_end = write_end = change.reason;
    } else if (change.kind == stream_change_kind::finished) {
      read_end = net::errc::connection_closed;
    } else if (change.kind == stream_change_kind::stopped) {
      write_end = change.reason;
    }
    if (change.kind != stream_change_kind::writable) {
      readable.notify();
    }
    writable.notify();
  }

  base::result<std::size_t> try_read(base::byte_span space) {
    const auto ready = port.peek();
    if (!ready.empty()) {
      const auto count = std::min(ready.size(), space.size());
      base::copy_bytes(space, ready.first(count));
      port.consume(count);
      return count;
    }
    return base::fail(read_end ? read_end : base::error(net::errc::would_block));
  }

  static net::task<std::size_t> read_some(std::shared_ptr<state> self, base::byte_span space,
                                          base::steady_time deadline) {
    while (true) {
      const auto got = self->try_read(space);
      if (got || got.error() != net::errc::would_block) {
        co_return got;
      }
      HTTVPS_CO_CHECK(co_await self->readable.wait(deadline));
    }
  }

  static net::task<> write_all(std::shared_ptr<state> self, base::byte_view bytes,
                               base::steady_time deadline) {
    while (!bytes.empty()) {
      if (self->write_end) {
        co_return base::fail(self->write_end);
      }
      bytes = bytes.subspan(self->port.write(bytes));
      if (!bytes.empty()) {
        self->port.await_room(1);
        HTTVPS_CO_CHECK(co_await self->writable.wait(deadline));
      }
    }
    co_return base::result<>();
  }

  static net::task<> close(std::shared_ptr<state> self, base::steady_time deadline) {
    self->finish();
    base::byte_array<1024> space;
    while (true) {
      const auto got = co_await read_some(self, space, deadline);
      if (!got) {
        self->port = {};
        co_return got.error() == net::errc::connection_closed ? base::result<>()
                                                              : base::fail(got.error());
      }
    }
  }

  void finish() {
    port.finish();
    write_end = errc::stream_ended;
  }

  stream_port port;
  net::event readable;
  net::event writable;
  base::error read_end;
  base::error write_end;
};

base::result<tunnel_stream> tunnel_stream::open(const std::shared_ptr<session_link>& link,
                                                wire::target where) {
  auto shared = std::make_shared<state>(link->get_executor());
  HTTVPS_TRY(shared->port, link->open(std::move(where), *shared));
  return tunnel_stream(std::move(shared));
}

tunnel_stream::tunnel_stream(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}
tunnel_stream::tunnel_stream(tunnel_stream&&) noexcept = default;

tunnel_stream& tunnel_stream::operator=(tunnel_stream&& other) noexcept {
  if (this != &other) {
    if (state_) {
      reset();
    }
    state_ = std::move(other.state_);
  }
  return *this;
}

tunnel_stream::~tunnel_stream() {
  if (state_) {
    state_->port = {};
  }
}

base::result<std::size_t> tunnel_stream::try_read(base::byte_span space) {
  return state_->try_read(space);
}

net::task<std::size_t> tunnel_stream::read_some(base::byte_span space, base::steady_time deadline) {
  return state::read_some(state_, space, deadline);
}

net::task<> tunnel_stream::write_all(base::byte_view bytes, base::steady_time deadline) {
  return state::write_all(state_, bytes, deadline);
}

net::task<> tunnel_stream::close(base::steady_time deadline) {
  return state::close(state_, deadline);
}

void tunnel_stream::finish() {
  state_->finish();
}

void tunnel_stream::reset() {
  state_->port.reset(wire::errc::cancelled);
  state_->read_end = state_->write_end = errc::stream_ended;
  state_->readable.notify();
  state_->writable.notify();
}

}
