#include "gateway/support/tunnel.hpp"

#include "httvps/net/http2_link.hpp"
#include "httvps/net/websocket_link.hpp"

namespace httvps::testing {
namespace {

constexpr auto dial_limit = std::chrono::seconds(10);

net::task<std::unique_ptr<net::carrier_link>> upgrade(net::tls_stream stream, gateway_place place,
                                                      std::string cookie) {
  const auto deadline = base::real_clock().steady_now() + dial_limit;
  const auto named = place.cookie + "=" + cookie;
  if (stream.engine().alpn() == "h2") {
    net::http2_request request{.host = "localhost", .target = place.path};
    request.headers.add("sec-websocket-version", "13");
    request.headers.add("cookie", named);
    HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> link,
                  co_await net::open_http2(std::move(stream), std::move(request), deadline));
    co_return std::move(link);
  }
  net::websocket_request request{.host = "localhost", .target = place.path};
  request.headers.add("Cookie", named);
  HTTVPS_CO_TRY(net::websocket_link link,
                co_await net::open_websocket(std::move(stream), std::move(request), deadline));
  co_return std::make_unique<net::websocket_link>(std::move(link));
}

base::steady_time now() {
  return base::real_clock().steady_now();
}

}

knock_maker access_knock(std::string token, const test_device& device) {
  return [token = std::move(token), key = device.key](const identity::channel_binding& binding) {
    return identity::build_access_knock(token, key, binding);
  };
}

knock_maker ticket_knock(std::string ticket, const test_device& device) {
  return [ticket = std::move(ticket), key = device.key](const identity::channel_binding& binding) {
    return identity::build_ticket_knock(ticket, key, binding);
  };
}

wire::target loopback_target(std::uint16_t port) {
  return wire::ipv4_target{.address = {127, 0, 0, 1}, .port = port};
}

tunnel::tunnel(tunnel_options chosen)
    : chosen_(std::move(chosen)),
      session_({.role = wire::role::client, .id = chosen_.id}, pool_, base::secure_random()) {
  loop_.spawn(live(carrier_));
}

tunnel::~tunnel() {
  close();
  loop_.end();
}

void tunnel::close() {
  session_.end(wire::errc::cancelled);
  flush();
  cut();
}

void tunnel::cut() {
  if (link_) {
    link_->stream().socket().close_now();
  }
  lost_ = true;
}

net::task<std::unique_ptr<net::carrier_link>> tunnel::dial() {
  const auto& place = chosen_.place;
  const auto deadline = now() + dial_limit;
  net::endpoint address{.host = "127.0.0.1", .port = place.port};
  HTTVPS_CO_TRY(auto socket, co_await net::connect(std::move(address), deadline));
  HTTVPS_CO_TRY(auto context, net::tls_context::make_client({.pins = {place.pin}}));
  net::tls_target wanted{.server_name = "localhost"};
  if (chosen_.http == carrier_http::http2) {
    wanted.alpn = {"h2", "http/1.1"};
  }
  HTTVPS_CO_TRY(auto engine, net::tls_engine::make_client(context, std::move(wanted)));
  net::tls_stream stream(std::move(socket), std::move(engine));
  HTTVPS_CO_CHECK(co_await stream.handshake(deadline));
  HTTVPS_CO_TRY(const auto exporter, stream.engine().channel_binding());
  const identity::channel_binding binding{.gateway_id = place.gateway_id, .exporter = exporter};
  HTTVPS_CO_TRY(const auto cookie, chosen_.knock(binding));
  co_return co_await upgrade(std::move(stream), place, cookie);
}

void tunnel::go_on(knock_maker knock) {
  cut();
  session_.detach(carrier_, now());
  if (link_) {
    former_.push_back(std::move(link_));
  }
  chosen_.knock = std::move(knock);
  carrier_ = wire::carrier_number{static_cast<std::uint64_t>(carrier_) + 1};
  lost_ = false;
  blocked_ = false;
  loop_.spawn(live(carrier_));
}

net::task<> tunnel::live(wire::carrier_number number) {
  const auto outcome = co_await carry(number);
  session_.detach(number, now());
  if (number == carrier_) {
    failure_ = outcome ? base::error() : outcome.error();
    lost_ = true;
  }
  co_return outcome;
}

net::task<> tunnel::carry(wire::carrier_number number) {
  HTTVPS_CO_TRY(auto dialled, co_await dial());
  auto* link = dialled.get();
  if (number != carrier_) {
    co_return base::fail(net::errc::cancelled);
  }
  link_ = std::move(dialled);
  wire::attachment how{.carrier = number, .down_budget = chosen_.down_budget};
  HTTVPS_CO_CHECK(session_.attach(std::move(how), now()));
  co_return co_await read_until_closed(number, link);
}

net::task<> tunnel::read_until_closed(wire::carrier_number number, net::carrier_link* link) {
  auto state = net::link_state::open;
  while (state == net::link_state::open) {
    if (!reading_) {
      HTTVPS_CO_CHECK(co_await net::sleep_until(now() + std::chrono::milliseconds(5)));
      continue;
    }
    HTTVPS_CO_CHECK(co_await link->wait_readable(net::no_deadline));
    base::result<void> accepted;
    HTTVPS_CO_TRY(state, link->receive([this, number, &accepted](base::byte_view payload) {
      if (accepted && !session_.ended()) {
        accepted = session_.receive(number, payload, *this, now());
      }
    }));
    HTTVPS_CO_CHECK(accepted);
    service();
  }
  co_return base::result<void>();
}

std::size_t tunnel::on_data(wire::stream_id stream, base::byte_view payload) {
  base::append(streams_[stream].seen.received, payload);
  return payload.size();
}

void tunnel::on_datagram(const wire::datagram_frame& datagram) {
  datagrams_.emplace_back(datagram.payload.begin(), datagram.payload.end());
}

void tunnel::handle(const wire::session_event& event) {
  open_ = open_ || std::holds_alternative<wire::session_established>(event);
  ended_ = ended_ || std::holds_alternative<wire::session_ended>(event);
  if (const auto* ready = std::get_if<wire::carrier_ready>(&event)) {
    ready_ = ready->carrier;
  }
  if (const auto* refused = std::get_if<wire::session_refused>(&event)) {
    refused_ = *refused;
  }
  if (const auto* finished = std::get_if<wire::stream_finished>(&event)) {
    streams_[finished->stream].seen.finished = true;
  }
  if (const auto* reset = std::get_if<wire::stream_reset>(&event)) {
    streams_[reset->stream].seen.reset = reset->code;
  }
  if (const auto* going = std::get_if<wire::peer_going_away>(&event)) {
    farewell_ = *going;
  }
  if (const auto* notice = std::get_if<wire::notice_received>(&event)) {
    notices_.push_back(*notice);
  }
  if (const auto* policy = std::get_if<wire::policy_received>(&event)) {
    policies_.push_back(*policy);
  }
}

void tunnel::push() {
  for (auto& [id, each] : streams_) {
    while (each.written < each.pending.size()) {
      const auto rest = base::byte_view(each.pending).subspan(each.written);
      const auto taken = session_.write(id, rest);
      if (taken == 0) {
        break;
      }
      each.written += taken;
    }
    if (each.finish_wanted && each.written == each.pending.size()) {
      each.finish_wanted = false;
      session_.finish(id, now());
    }
  }
}

void tunnel::flush() {
  const auto moment = now();
  const bool idle = !link_ || blocked_ || !link_->stream().socket().is_open();
  if (idle || (!link_->stream().has_backlog() && !session_.has_output(carrier_, moment))) {
    return;
  }
  const auto sent = link_->send(
      [this, moment](base::byte_span space) { return session_.produce(carrier_, space, moment); });
  if (sent && *sent == net::send_state::blocked) {
    blocked_ = true;
    loop_.spawn(wait_writable());
  }
}

net::task<> tunnel::wait_writable() {
  const auto ready = co_await link_->stream().wait_writable(net::no_deadline);
  blocked_ = false;
  co_return ready;
}

void tunnel::service() {
  while (auto event = session_.poll_event()) {
    handle(*event);
  }
  if (!session_.ended()) {
    session_.tick(now());
    push();
  }
  flush();
}

bool tunnel::wait(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = now() + limit;
  service();
  while (!condition()) {
    if (now() >= end) {
      return false;
    }
    loop_.step();
    service();
  }
  return true;
}

bool tunnel::wait_until_open() {
  return wait([this] { return open_ || is_over(); }) && open_;
}

bool tunnel::wait_until_carried() {
  return wait([this] { return ready_ == carrier_ || is_over(); }) && ready_ == carrier_;
}

bool tunnel::wait_until_over() {
  return wait([this] { return is_over(); });
}

void tunnel::let_run(std::chrono::milliseconds span) {
  static_cast<void>(wait([] { return false; }, span));
}

wire::stream_id tunnel::open(wire::target where, base::byte_view first) {
  const auto stream = session_.open(std::move(where), {}, now()).value();
  write(stream, first);
  return stream;
}

void tunnel::write(wire::stream_id stream, base::byte_view bytes) {
  base::append(streams_[stream].pending, bytes);
  push();
}

void tunnel::finish(wire::stream_id stream) {
  streams_[stream].finish_wanted = true;
  push();
}

void tunnel::stop(wire::stream_id stream) {
  session_.stop(stream, wire::errc::cancelled, now());
  push();
}

bool tunnel::send_datagram(wire::target to, base::byte_view payload) {
  const bool queued =
      session_.send_datagram({.flow = 1, .target = std::move(to), .payload = payload}, now());
  push();
  return queued;
}

}
