#include "gateway_double_state.hpp"
#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/frame_encoder.hpp"

namespace httvps::sdk::testing {
namespace {

constexpr auto patience = std::chrono::seconds(10);

std::string cookie_in(const net::http_request& head, const std::string& name) {
  const auto text = std::string(head.headers.find("Cookie").value_or(""));
  return text.starts_with(name + "=") ? text.substr(name.size() + 1) : std::string();
}

}

bool gateway_double::state::recognises(const net::http_request& head, const net::tls_engine& engine,
                                       const std::string& gateway_id) {
  if (rules.recognise != recognition_rule::knock) {
    return rules.recognise == recognition_rule::everybody;
  }
  const auto entry = issuer.gateways.front();
  const auto found = identity::parse_knock(cookie_in(head, entry.cookie));
  const auto keys = identity::key_set::verify(
      issuer.key_set(), {.root = issuer.root.public_part(), .now = issuer.now});
  const auto exporter = engine.channel_binding();
  if (head.target != entry.path || !found || !keys || !exporter) {
    return false;
  }
  const identity::channel_binding binding{.gateway_id = gateway_id, .exporter = *exporter};
  const identity::document_check check{
      .keys = *keys, .now = issuer.now, .grace = identity::expiry_grace::renewal()};
  return std::visit(
      [&](const auto& each) { return identity::verify_knock(each, binding, check).has_value(); },
      *found);
}

net::task<> gateway_double::state::accept(std::shared_ptr<state> self) {
  while (true) {
    HTTVPS_CO_TRY(net::tcp_stream socket, co_await self->listener.accept());
    ++self->counts.connections;
    HTTVPS_CO_CHECK(self->tasks.spawn(serve(self, std::move(socket), "gw_one")));
  }
}

net::task<> gateway_double::state::accept_direct(std::shared_ptr<state> self) {
  while (true) {
    HTTVPS_CO_TRY(net::tcp_stream socket, co_await self->direct_listener.accept());
    ++self->counts.connections;
    ++self->counts.direct_connections;
    HTTVPS_CO_CHECK(self->tasks.spawn(serve(self, std::move(socket), "gw_direct")));
  }
}

net::task<net::http_request> gateway_double::state::read_head(net::tls_stream* stream,
                                                              base::byte_vector* rest) {
  net::http_parser_options options = {.wanted = net::http_part::head};
  net::http_request_parser parser(std::move(options));
  base::byte_array<4096> space;
  const auto deadline = net::deadline_after(patience);
  while (!parser.is_done()) {
    HTTVPS_CO_TRY(const std::size_t count, co_await stream->read_some(space, deadline));
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(count)));
  }
  *rest = parser.take_rest();
  co_return parser.take();
}

net::task<> gateway_double::state::serve(std::shared_ptr<state> self, net::tcp_stream socket,
                                         std::string gateway_id) {
  HTTVPS_CO_TRY(net::tls_engine engine, net::tls_engine::make_server(self->context));
  net::tls_stream stream(std::move(socket), std::move(engine));
  const auto deadline = net::deadline_after(patience);
  HTTVPS_CO_CHECK(co_await stream.handshake(deadline));
  self->counts.resumed += stream.engine().is_resumed() ? 1U : 0U;
  base::byte_vector rest;
  HTTVPS_CO_TRY(self->upgrade, co_await read_head(&stream, &rest));
  net::http_response answer = {.status = 404, .body = "<h1>Not here</h1>"};
  const bool known = self->recognises(self->upgrade, stream.engine(), gateway_id);
  if (known) {
    HTTVPS_CO_TRY(const std::string key, net::websocket_key_of(self->upgrade));
    answer = net::websocket_accept_response(key);
  }
  const auto text = known ? net::serialise_head(answer) : net::serialise(answer);
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(text), deadline));
  if (!known) {
    co_return co_await stream.close(deadline);
  }
  ++self->counts.recognised;
  auto link = std::make_unique<net::websocket_link>(std::move(stream), std::move(rest),
                                                    net::websocket_link_options{});
  co_return co_await host(self, std::move(link));
}

net::task<> gateway_double::state::host(std::shared_ptr<state> self,
                                        std::unique_ptr<net::carrier_link> link) {
  HTTVPS_CO_TRY(auto first, co_await read_hello(link.get()));
  self->counts.announced_budget = first.how.down_budget;
  if (!self->rules.answers_hello) {
    self->held.push_back(std::move(link));
    co_return base::result<>();
  }
  if (self->rules.refuse_sessions) {
    co_return self->refuse(*link, *self->rules.refuse_sessions);
  }
  const auto place = self->sessions.find(first.session);
  auto known = place == self->sessions.end() ? nullptr : place->second;
  if (!known || known->is_over()) {
    if (first.may_create == wire::creation::forbidden) {
      co_return self->refuse(*link, wire::errc::session_gone);
    }
    known = self->make_session(first.session);
    self->sessions[first.session] = known;
  }
  carriage::carrier_arrival arrival{
      .link = std::move(link), .how = std::move(first.how), .early = std::move(first.rest)};
  co_return known->attach(arrival);
}

std::shared_ptr<double_session> gateway_double::state::make_session(const wire::session_id& id) {
  ++counts.sessions;
  double_setting setting{.rules = rules, .counts = counts, .control = {}};
  setting.control = [this](const std::string& text) { return control(text); };
  auto made = std::make_shared<double_session>(
      listener_executor,
      wire::session_options{.role = wire::role::gateway,
                            .id = id,
                            .limits = {.carriers = wire::carriers_most},
                            .direct_host = rules.direct_host},
      std::move(setting));
  if (rules.policy) {
    made->publish(*rules.policy);
  }
  return made;
}

net::task<gateway_double::state::greeting> gateway_double::state::read_hello(
    net::carrier_link* link) {
  base::byte_vector heard;
  while (true) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(net::deadline_after(patience)));
    const auto state =
        link->receive([&heard](base::byte_view bytes) { base::append(heard, bytes); });
    HTTVPS_CO_CHECK(state);
    wire::frame_reader reader;
    base::byte_view rest = heard;
    HTTVPS_CO_TRY(const auto found, reader.next(rest));
    if (found) {
      const auto& hello = std::get<wire::hello_frame>(*found);
      greeting first{.session = hello.session,
                     .may_create = hello.may_create,
                     .how = wire::attachment_of(hello)};
      first.rest.assign(rest.begin(), rest.end());
      co_return first;
    }
  }
}

base::result<> gateway_double::state::refuse(net::carrier_link& link, wire::errc code) {
  base::byte_vector space(256);
  wire::frame_writer writer(space);
  const auto wait = static_cast<std::uint64_t>(rules.retry_after.count());
  writer.put(wire::refuse_frame{wire::to_wire(code), wait, "The double refuses."});
  base::byte_view left = writer.bytes();
  HTTVPS_CHECK(link.send([&](base::byte_span out) {
    const auto count = std::min(out.size(), left.size());
    base::copy_bytes(out, left.first(count));
    left = left.subspan(count);
    return count;
  }));
  return link.stream().socket().shutdown_write();
}

}
