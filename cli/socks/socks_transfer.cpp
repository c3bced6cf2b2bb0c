#include <utility>

#include "httvps/base/slab.hpp"
#include "socks/socks_connection.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t reads_a_turn = 16;
constexpr std::size_t useful_room = 4096;
constexpr auto room_retry = std::chrono::milliseconds(100);

}

base::result<socks_connection::progress> socks_connection::move_early() {
  const auto sent = port_.write(early_);
  early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(sent));
  if (early_.empty()) {
    return progress::wants_input;
  }
  port_.await_room(1);
  return progress::wants_room;
}

base::result<socks_connection::progress> socks_connection::after_failed_read(
    const base::error& failure) {
  if (failure == net::errc::would_block) {
    return progress::wants_input;
  }
  if (failure != net::errc::connection_closed) {
    return base::fail(failure);
  }
  port_.finish();
  return progress::ended;
}

base::result<socks_connection::progress> socks_connection::move_some() {
  const auto space = port_.reserve(base::large_slab_size);
  if (space.empty()) {
    port_.await_room(useful_room);
    return progress::wants_room;
  }
  const auto got = application_.try_read(space);
  if (!got) {
    return after_failed_read(got.error());
  }
  port_.commit(*got);
  return *got < space.size() ? progress::wants_input : progress::more;
}

base::result<socks_connection::progress> socks_connection::move_up() {
  if (!early_.empty()) {
    return move_early();
  }
  for (std::size_t turn = 0; turn < reads_a_turn; ++turn) {
    HTTVPS_TRY(const auto step, move_some());
    if (step != progress::more) {
      return step;
    }
  }
  return progress::more;
}

bool socks_connection::is_uploading() const noexcept {
  return up_ == direction::open && !broken_;
}

net::task<> socks_connection::await_room(std::shared_ptr<socks_connection> self) {
  const auto room = co_await self->changed_.wait(net::deadline_after(room_retry));
  if (!room && room.error() != net::errc::timed_out) {
    co_return room;
  }
  co_return base::result<>();
}

net::task<> socks_connection::move_all(std::shared_ptr<socks_connection> self) {
  while (self->is_uploading()) {
    HTTVPS_CO_TRY(const auto step, self->move_up());
    if (step == progress::wants_input) {
      break;
    }
    if (step == progress::ended) {
      self->up_ = direction::ended;
    } else if (step == progress::wants_room) {
      HTTVPS_CO_CHECK(co_await await_room(self));
    } else {
      HTTVPS_CO_CHECK(co_await net::yield_to_others());
    }
  }
  co_return base::result<>();
}

net::task<> socks_connection::upload(std::shared_ptr<socks_connection> self) {
  while (self->is_uploading()) {
    auto moved = base::result<>();
    if (self->early_.empty() && !std::exchange(self->input_waits_, false)) {
      moved = co_await self->application_.wait_readable(net::no_deadline);
    }
    if (moved) {
      moved = co_await move_all(self);
    }
    if (!moved) {
      self->break_off();
      co_return moved;
    }
  }
  co_return base::result<>();
}

std::size_t socks_connection::on_data(base::byte_view bytes) {
  if (broken_) {
    return bytes.size();
  }
  if (draining_) {
    return 0;
  }
  const auto sent = application_.try_write(bytes);
  if (!sent && sent.error() != net::errc::would_block) {
    break_off();
    return bytes.size();
  }
  const auto taken = sent ? *sent : 0;
  if (taken < bytes.size()) {
    drain_later();
  }
  return taken;
}

void socks_connection::drain_later() {
  draining_ = true;
  if (!service_->tasks.spawn(drain(shared_from_this()))) {
    break_off();
  }
}

net::task<> socks_connection::drain(std::shared_ptr<socks_connection> self) {
  while (!self->broken_) {
    HTTVPS_CO_CHECK(co_await self->application_.wait_writable(net::no_deadline));
    while (!self->broken_) {
      const auto ready = self->port_.peek();
      if (ready.empty()) {
        self->draining_ = false;
        co_return base::result<>();
      }
      const auto sent = self->application_.try_write(ready);
      if (!sent && sent.error() == net::errc::would_block) {
        break;
      }
      if (!sent) {
        self->break_off();
        co_return base::fail(sent.error());
      }
      self->port_.consume(*sent);
    }
  }
  co_return base::result<>();
}

void socks_connection::on_change(const sdk::stream_change& change) {
  switch (change.kind) {
    case sdk::stream_change_kind::writable:
      changed_.notify();
      return;
    case sdk::stream_change_kind::finished:
      return on_finished();
    case sdk::stream_change_kind::stopped:
      up_ = direction::ended;
      changed_.notify();
      return;
    case sdk::stream_change_kind::failed:
      return on_failed(change.reason);
  }
}

void socks_connection::on_finished() {
  down_ = direction::ended;
  static_cast<void>(application_.shutdown_write());
  if (up_ == direction::ended) {
    broken_ = true;
    application_.close_now();
  }
  changed_.notify();
}

void socks_connection::on_failed(const base::error& reason) {
  service_->log.debug("stream_failed", {{"code", reason}});
  break_off();
}

void socks_connection::break_off() {
  if (!std::exchange(broken_, true)) {
    application_.reset();
    port_.reset(wire::errc::cancelled);
    changed_.notify();
  }
}

}
