#include "socks/socks_connection.hpp"

#include <algorithm>
#include <utility>

#include "errc.hpp"
#include "httvps/base/scope_exit.hpp"
#include "socks/udp_association.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t handshake_read = 512;

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
    static_cast<void>(
        co_await self->application_.close(net::deadline_after(std::chrono::seconds(1))));
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
  const auto deadline = net::deadline_after(self->service_->chosen.handshake_patience);
  socks5_reader reader;
  base::byte_array<handshake_read> space;
  while (true) {
    HTTVPS_CO_TRY(const std::size_t count, co_await self->application_.read_some(space, deadline));
    auto input = base::byte_view(space).first(count);
    auto request = self->take(input, reader);
    if (!request) {
      static_cast<void>(self->answer(request.error()));
      const auto patience = std::min(deadline, net::deadline_after(std::chrono::seconds(1)));
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
  const auto ready =
      co_await service.through.ready(net::deadline_after(service.chosen.tunnel_patience));
  if (!ready) {
    static_cast<void>(self->answer(ready.error()));
    static_cast<void>(
        co_await self->application_.close(net::deadline_after(std::chrono::seconds(1))));
    co_return ready;
  }
  HTTVPS_CO_CHECK(self->application_.try_write(encode_reply(socks_reply::succeeded)));
  if (self->early_.empty()) {
    const auto heard = co_await self->application_.wait_readable(
        net::deadline_after(service.chosen.first_bytes_wait));
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

}
