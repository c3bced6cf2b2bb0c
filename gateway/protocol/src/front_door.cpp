#include "httvps/gateway/protocol/front_door.hpp"

#include <boost/asio/dispatch.hpp>
#include <functional>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "httvps/gateway/protocol/builtin_site.hpp"
#include "httvps/net/websocket_link.hpp"

namespace httvps::gateway {
namespace {

constexpr auto write_limit = std::chrono::seconds(30);
constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::size_t read_size = 16 * 1024;

websocket_upgrade upgrade_of(const net::http_request& request) {
  if (!request.headers.find("Upgrade") && !request.headers.find("Sec-WebSocket-Key")) {
    return websocket_upgrade::absent;
  }
  return net::websocket_key_of(request) ? websocket_upgrade::well_formed
                                        : websocket_upgrade::malformed;
}

tls_facts facts_of(const net::tls_engine& tls) {
  tls_facts facts;
  const auto exporter = tls.channel_binding();
  if (tls.version() == net::tls_version::tls_1_3 && exporter) {
    facts.version = tls_version::tls_1_3;
    facts.exporter = *exporter;
  }
  return facts;
}

bool has_body(const net::http_request& request) {
  const auto length = request.headers.find("Content-Length");
  return (length && *length != "0") || request.headers.find("Transfer-Encoding");
}

bool wants_close(const net::http_request& request) {
  return request.minor_version == 0 || request.headers.has_token("Connection", "close");
}

}

front_door::front_door(front_door_parts parts)
    : parts_(std::move(parts)), strangers_(parts_.strangers_most) {}

net::task<> front_door::serve(net::tcp_stream socket) {
  if (connections_ >= parts_.connections_most || !state_) {
    parts_.probe.connections_refused.add();
    socket.close_now();
    co_return base::result<void>();
  }
  ++connections_;
  parts_.probe.connections.add(1);
  parts_.probe.connections_accepted.add();
  const auto number = ++last_number_;
  visitor guest{.number = number, .lease = lease_for(number, socket.get_executor())};
  if (strangers_.add(number, socket.ender()) == strangers::outcome::dropped_oldest) {
    parts_.probe.strangers_dropped.add();
  }
  co_return co_await welcome(std::move(socket), std::move(guest));
}

std::shared_ptr<void> front_door::lease_for(std::uint64_t number, const net::executor& runs_on) {
  const std::weak_ptr<bool> alive = alive_;
  std::function<void()> give_back = [this, alive, number, runs_on] {
    if (!alive.expired()) {
      net::asio::dispatch(runs_on, [this, number] { leave(number); });
    }
  };
  return std::make_shared<base::scope_exit<std::function<void()>>>(std::move(give_back));
}

void front_door::leave(std::uint64_t number) {
  strangers_.forget(number);
  --connections_;
  parts_.probe.connections.add(-1);
}

net::task<> front_door::welcome(net::tcp_stream socket, visitor guest) {
  const auto deadline = parts_.clock.steady_now() + parts_.handshake_limit;
  auto done = co_await socket.wait_readable(deadline);
  if (!done) {
    parts_.probe.tls_failures.add();
    co_return done;
  }
  HTTVPS_CO_TRY(auto engine, net::tls_engine::make_server(parts_.tls));
  net::tls_stream stream(std::move(socket), std::move(engine));
  done = co_await stream.handshake(deadline);
  if (!done) {
    co_return co_await turn_away(std::move(stream), done.error());
  }
  const bool chose_http2 = stream.engine().alpn() == "h2";
  if (chose_http2) {
    co_return co_await serve_http2(std::move(stream), std::move(guest));
  } else {
    co_return co_await serve_http(std::move(stream), std::move(guest));
  }
}

net::task<> front_door::turn_away(net::tls_stream stream, base::error failure) {
  parts_.probe.tls_failures.add();
  if (failure == net::errc::tls_plain_http) {
    const auto page = net::serialise(plain_http_page(parts_.clock.system_now()));
    auto& socket = stream.socket();
    const auto limit = parts_.clock.steady_now() + close_limit;
    co_await socket.write_all(base::as_bytes(page), limit);
    co_await socket.close(limit);
  }
  co_return base::fail(failure);
}

net::task<net::http_request_parser> front_door::read_head(net::tls_stream* stream,
                                                          base::byte_vector early) {
  net::http_request_parser parser({.wanted = net::http_part::head});
  HTTVPS_CO_CHECK(parser.feed(early));
  base::byte_vector space(read_size);
  const auto deadline = parts_.clock.steady_now() + parts_.head_limit;
  while (!parser.is_head_done()) {
    HTTVPS_CO_TRY(const auto count, co_await stream->read_some(space, deadline));
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(count)));
  }
  co_return parser;
}

recognition front_door::recognise(const net::http_request& request,
                                  const net::tls_engine& tls) const {
  const auto cookies = request.headers.count("Cookie") > 1
                           ? std::string_view()
                           : request.headers.find("Cookie").value_or("");
  return recognise(
      carrier_request{
          .path = request.method == "GET" ? std::string_view(request.target) : std::string_view(),
          .cookie_header = cookies,
          .upgrade = upgrade_of(request)},
      tls);
}

recognition front_door::recognise(const carrier_request& asked, const net::tls_engine& tls) const {
  const auto silent = parts_.clock.steady_now() - backend_heard_;
  constexpr auto heard_lately = std::chrono::seconds(15);
  const auto without = silent > heard_lately
                           ? std::chrono::duration_cast<std::chrono::seconds>(silent)
                           : std::chrono::seconds(0);
  return state_->recognise.recognize(
      asked, facts_of(tls),
      {.keys = state_->keys, .now = parts_.clock.system_now(), .without_backend = without});
}

net::task<> front_door::serve_http(net::tls_stream stream, visitor guest) {
  base::byte_vector early;
  while (true) {
    auto parser = co_await read_head(&stream, std::move(early));
    if (!parser) {
      const bool malformed = parser.error() == net::errc::http_bad_message ||
                             parser.error() == net::errc::http_head_too_large;
      if (malformed) {
        const auto page = net::serialise(bad_request_page(parts_.clock.system_now()));
        co_await stream.write_all(base::as_bytes(page), parts_.clock.steady_now() + write_limit);
      }
      co_await stream.close(parts_.clock.steady_now() + close_limit);
      co_return base::fail(parser.error());
    }
    auto who = recognise(parser->message(), stream.engine());
    if (!std::holds_alternative<not_ours>(who)) {
      strangers_.forget(guest.number);
      parts_.probe.recognised.add();
      parts_.recognitions.count(who);
      co_return co_await take_over(std::move(stream), std::move(*parser), std::move(guest),
                                   std::move(who));
    }
    if (upgrade_of(parser->message()) != websocket_upgrade::absent) {
      parts_.probe.not_recognised.add();
      parts_.recognitions.count(who);
    }
    HTTVPS_CO_TRY(const auto next, co_await answer(&stream, parser->message()));
    if (next == next_step::close) {
      co_return co_await stream.close(parts_.clock.steady_now() + close_limit);
    }
    early = parser->take_rest();
  }
}

net::task<front_door::next_step> front_door::answer(net::tls_stream* stream,
                                                    net::http_request request) {
  parts_.probe.site_requests.add();
  auto response = answer_from_site(request, parts_.clock.system_now());
  const bool last = wants_close(request) || has_body(request);
  response.headers.add("Connection", last ? "close" : "keep-alive");
  const bool head_only = request.method == "HEAD";
  const auto text = head_only ? net::serialise_head(response) : net::serialise(response);
  HTTVPS_CO_CHECK(
      co_await stream->write_all(base::as_bytes(text), parts_.clock.steady_now() + write_limit));
  co_return last ? next_step::close : next_step::keep;
}

net::task<> front_door::take_over(net::tls_stream stream, net::http_request_parser parser,
                                  visitor guest, recognition who) {
  HTTVPS_CO_TRY(const auto key, net::websocket_key_of(parser.message()));
  const auto head = net::serialise(net::websocket_accept_response(key));
  HTTVPS_CO_CHECK(
      co_await stream.write_all(base::as_bytes(head), parts_.clock.steady_now() + write_limit));
  auto early = parser.take_rest();
  const net::websocket_link_options chosen{.role = net::websocket_role::server};
  carrier_arrival carrier{
      .link = std::make_unique<net::websocket_link>(std::move(stream), std::move(early), chosen),
      .lease = std::move(guest.lease)};
  co_return co_await admit(std::move(carrier), std::move(who));
}

net::task<> front_door::admit(carrier_arrival carrier, recognition who) {
  carrier.link->stream().socket().tune(net::carrier_tuning);
  if (auto* device = std::get_if<device_carrier>(&who)) {
    co_return co_await parts_.desk.admit(std::move(carrier), std::move(*device));
  } else {
    auto& control = std::get<control_carrier>(who);
    co_return co_await parts_.desk.admit(std::move(carrier), std::move(control));
  }
}

}
