#include "socks/socks_connection.hpp"

#include <algorithm>
#include <utility>

#include "errc.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/base/slab.hpp"
#include "socks/udp_association.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t handshake_read = 512;
constexpr std::size_t reads_a_turn = 16;
constexpr std::size_t useful_room = 4096;
constexpr auto room_retry = std::chrono::milliseconds(100);

base::steady_time after(std::chrono::milliseconds span) {
  return base::real_clock().steady_now() + span;
}

wire::target target_of(const net::endpoint& place) {
  const auto address = net::to_udp_place(place);
  if (address && address->address().is_v6()) {
    return wire::ipv6_target{.address = address->address().to_v6().to_bytes(), .port = place.port};
  }
  const auto bytes = address ? address->address().to_v4().to_bytes() : base::byte_array<4>{};
  return wire::ipv4_target{.address = bytes, .port = place.port};
}

bool is_own(const base::error& failure) {
  return failure.category() == cli_errors();
}

}

socks_connection::socks_connection(net::tcp_stream application,
                                   std::shared_ptr<socks_service> service)
    : application_(std::move(application)),
      service_(std::move(service)),
      changed_(application_.get_executor()) {}

net::task<> socks_connection::serve(std::shared_ptr<socks_connection> self) {
  auto request = co_await shake_hands(self);
  if (!request) {
    co_return base::fail(request.error());
  }
  if (request->command == socks_command::udp_associate) {
    co_return co_await associate(self, std::move(request->target));
  }
  co_return co_await stream(self, std::move(request->target));
}

net::task<> socks_connection::stream(std::shared_ptr<socks_connection> self, wire::target target) {
  HTTVPS_CO_CHECK(co_await open(self, std::move(target)));
  const auto uploaded = co_await upload(self);
  while (self->down_ == direction::open && !self->broken_ && uploaded) {
    HTTVPS_CO_CHECK(co_await self->changed_.wait(net::no_deadline));
  }
  self->port_ = {};
  if (!self->broken_) {
    self->application_.close_now();
  }
  co_return uploaded;
}

net::task<> socks_connection::associate(std::shared_ptr<socks_connection> self,
                                        wire::target announced) {
  auto made = self->make_association(announced);
  if (!made) {
    static_cast<void>(self->answer(made.error()));
    static_cast<void>(co_await self->application_.close(after(std::chrono::seconds(1))));
    co_return base::fail(made.error());
  }
  const auto association = std::move(*made);
  const base::scope_exit over([association] { association->close(); });
  HTTVPS_CO_CHECK(self->service_->tasks.spawn(udp_association::serve(association)));
  const auto reply = encode_success(target_of(association->local()));
  HTTVPS_CO_CHECK(self->application_.try_write(reply));
  base::byte_array<handshake_read> ignored;
  while (true) {
    HTTVPS_CO_CHECK(co_await self->application_.read_some(ignored, net::no_deadline));
  }
}

base::result<std::shared_ptr<udp_association>> socks_connection::make_association(
    const wire::target& announced) {
  auto& service = *service_;
  if (service.chosen.datagrams == nullptr) {
    return base::fail(errc::command_unsupported);
  }
  if (service.counts->open_associations >= service.chosen.associations) {
    ++service.counts->refused_associations;
    return base::fail(errc::association_limit);
  }
  if (!service.datagrams) {
    service.datagrams = std::make_shared<udp_workspace>();
  }
  const net::endpoint client{.host = application_.remote().host, .port = port_of(announced)};
  return udp_association::open({.runs_on = application_.get_executor(),
                                .local = application_.local(),
                                .client = client,
                                .idle = service.chosen.flow_idle,
                                .opener = *service.chosen.datagrams,
                                .workspace = service.datagrams,
                                .counts = service.counts});
}

net::task<socks_request> socks_connection::shake_hands(std::shared_ptr<socks_connection> self) {
  const auto deadline = after(self->service_->chosen.handshake_patience);
  socks5_reader reader;
  base::byte_array<handshake_read> space;
  while (true) {
    HTTVPS_CO_TRY(const std::size_t count, co_await self->application_.read_some(space, deadline));
    auto input = base::byte_view(space).first(count);
    auto request = self->take(input, reader);
    if (!request) {
      static_cast<void>(self->answer(request.error()));
      const auto patience = std::min(deadline, after(std::chrono::seconds(1)));
      static_cast<void>(co_await self->application_.close(patience));
      co_return base::fail(request.error());
    }
    if (*request) {
      self->early_.assign(input.begin(), input.end());
      co_return std::move(**request);
    }
  }
}

base::result<std::optional<socks_request>> socks_connection::take(base::byte_view& input,
                                                                  socks5_reader& reader) {
  while (true) {
    HTTVPS_TRY(auto message, reader.next(input));
    if (!message) {
      return std::optional<socks_request>();
    }
    if (const auto* greeting = std::get_if<socks_greeting>(&*message)) {
      HTTVPS_CHECK(application_.try_write(encode_choice(greeting->offer)));
      if (greeting->offer != authentication_offer::none_accepted) {
        return base::fail(errc::method_unacceptable);
      }
      continue;
    }
    auto& request = std::get<socks_request>(*message);
    if (request.command == socks_command::bind) {
      return base::fail(errc::command_unsupported);
    }
    return std::optional<socks_request>(std::move(request));
  }
}

base::result<> socks_connection::answer(const base::error& failure) {
  if (is_own(failure)) {
    ++service_->counts->bad_requests;
    service_->log.debug("socks_refused", {{"code", failure}});
  }
  if (failure == errc::not_socks5 || failure == errc::method_unacceptable) {
    return {};
  }
  HTTVPS_CHECK(application_.try_write(encode_reply(reply_for(failure))));
  return {};
}

net::task<> socks_connection::open(std::shared_ptr<socks_connection> self, wire::target target) {
  auto& service = *self->service_;
  const auto ready = co_await service.through.ready(after(service.chosen.tunnel_patience));
  if (!ready) {
    static_cast<void>(self->answer(ready.error()));
    static_cast<void>(co_await self->application_.close(after(std::chrono::seconds(1))));
    co_return ready;
  }
  HTTVPS_CO_CHECK(self->application_.try_write(encode_reply(socks_reply::succeeded)));
  if (self->early_.empty()) {
    const auto heard =
        co_await self->application_.wait_readable(after(service.chosen.first_bytes_wait));
    if (!heard && heard.error() != net::errc::timed_out) {
      co_return heard;
    }
    self->input_waits_ = heard.has_value();
  }
  auto port = service.through.open(std::move(target), *self);
  if (!port) {
    self->break_off();
    co_return base::fail(port.error());
  }
  self->port_ = std::move(*port);
  co_return base::result<>();
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
  const auto room = co_await self->changed_.wait(after(room_retry));
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
