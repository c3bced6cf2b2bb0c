#include "gateway_double.hpp"

#include <boost/json.hpp>

#include "double_session.hpp"
#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/websocket_link.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/frame_encoder.hpp"

namespace httvps::sdk::testing {
namespace {

namespace json = boost::json;

constexpr auto patience = std::chrono::seconds(10);
constexpr const char* own_names = "gateway.test,DNS:direct.test";

std::string cookie_in(const net::http_request& head, const std::string& name) {
  const auto text = std::string(head.headers.find("Cookie").value_or(""));
  return text.starts_with(name + "=") ? text.substr(name.size() + 1) : std::string();
}

std::string answer_text(int status, const json::object& fields) {
  net::http_response answer = {.status = status};
  answer.body = json::serialize(fields);
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Connection", "close");
  return net::serialise(answer);
}

}

struct gateway_double::state : std::enable_shared_from_this<gateway_double::state> {
  state(const net::executor& runs_on, service& chosen)
      : issuer(chosen),
        context(certificate.server_context()),
        listener(
            net::tcp_listener::open(runs_on, {.place = {.host = "127.0.0.1", .port = 0}}).value()),
        direct_listener(
            net::tcp_listener::open(runs_on, {.place = {.host = "127.0.0.2", .port = 0}}).value()),
        tasks(runs_on),
        listener_executor(runs_on) {}

  bool recognises(const net::http_request& head, const net::tls_engine& engine,
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

  std::string control(const std::string& text) {
    net::http_request_parser parser;
    if (!parser.feed(base::as_bytes(text)) || !parser.is_done()) {
      return {};
    }
    if (rules.control_status) {
      return answer_text(*rules.control_status,
                         {{"code", rules.control_code}, {"detail", "As the test asked."}});
    }
    const auto& request = parser.message();
    if (request.target == "/api/v1/devices/enrol") {
      ++counts.enrolments;
      return enrol(json::parse(request.body).as_object());
    }
    if (!request.headers.find("Authorization").value_or("").starts_with("HTTVPS-Device ")) {
      return answer_text(401, {{"code", "credential_missing"}});
    }
    return as_device(request);
  }

  std::string enrol(const json::object& wanted) {
    const auto key =
        identity::public_key::from_base64url(wanted.at("device_key").as_string().c_str()).value();
    return answer_text(200, {{"device_id", device_id},
                             {"token", issuer.token_for(key)},
                             {"key_set", issuer.key_set()},
                             {"config", issuer.config()}});
  }

  std::string as_device(const net::http_request& request) {
    if (request.target == "/api/v1/devices/token") {
      ++counts.renewals;
      return answer_text(200, {{"token", issuer.token()}, {"key_set", issuer.key_set()}});
    }
    if (request.target.starts_with("/api/v1/devices/config")) {
      if (rules.region_refused && request.target.contains('?')) {
        return answer_text(404, {{"code", "region_without_gateway"}, {"detail", "None there."}});
      }
      counts.configuration_target = request.target;
      ++counts.configurations;
      return answer_text(200, {{"config", issuer.config()},
                               {"key_set", issuer.key_set()},
                               {"lease_until", rules.lease_until}});
    }
    return answer_text(200, {{"asked", request.method + " " + request.target}});
  }

  static net::task<> accept(std::shared_ptr<state> self);
  static net::task<> accept_direct(std::shared_ptr<state> self);
  static net::task<> serve(std::shared_ptr<state> self, net::tcp_stream socket,
                           std::string gateway_id);
  struct greeting {
    wire::session_id session{};
    wire::creation may_create = wire::creation::forbidden;
    wire::attachment how = {};
    base::byte_vector rest = {};
  };

  static net::task<> host(std::shared_ptr<state> self, std::unique_ptr<net::carrier_link> link);
  static net::task<greeting> read_hello(net::carrier_link* link);
  std::shared_ptr<double_session> make_session(const wire::session_id& id);
  base::result<> refuse(net::carrier_link& link, wire::errc code);
  static net::task<net::http_request> read_head(net::tls_stream* stream, base::byte_vector* rest);

  service& issuer;
  net::testing::test_certificate certificate{own_names};
  net::tls_context context;
  net::tcp_listener listener;
  net::tcp_listener direct_listener;
  net::scope tasks;
  gateway_rules rules;
  gateway_counts counts;
  net::http_request upgrade;
  net::executor listener_executor;
  std::map<wire::session_id, std::shared_ptr<double_session>> sessions;
  std::vector<std::unique_ptr<net::carrier_link>> held;
};

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

gateway_double::gateway_double(const net::executor& runs_on, service& issuer)
    : state_(std::make_shared<state>(runs_on, issuer)) {
  issuer.gateways = {entry()};
  static_cast<void>(state_->tasks.spawn(state::accept(state_)));
  static_cast<void>(state_->tasks.spawn(state::accept_direct(state_)));
}

gateway_double::~gateway_double() = default;

net::endpoint gateway_double::place() const {
  return state_->listener.local();
}

identity::gateway_entry gateway_double::entry() const {
  auto entry = service::default_gateway();
  entry.addresses = {net::to_text(place())};
  entry.pins = {state_->certificate.pin()};
  return entry;
}

identity::gateway_entry gateway_double::direct_entry() const {
  auto direct = entry();
  direct.id = "gw_direct";
  direct.host = "direct.test";
  direct.addresses = {net::to_text(state_->direct_listener.local())};
  return direct;
}

const gateway_counts& gateway_double::counts() const {
  return state_->counts;
}

const net::http_request& gateway_double::last_upgrade() const {
  return state_->upgrade;
}

gateway_rules& gateway_double::rules() {
  return state_->rules;
}

void gateway_double::cut_carriers() {
  for (const auto& [id, session] : state_->sessions) {
    session->cut();
  }
}

void gateway_double::lose_sessions() {
  for (const auto& [id, session] : std::exchange(state_->sessions, {})) {
    session->cut();
  }
}

void gateway_double::publish(const told_policy& policy) {
  state_->rules.policy = policy;
  for (const auto& [id, session] : state_->sessions) {
    session->publish(policy);
  }
}

void gateway_double::go_away(std::chrono::milliseconds drain) {
  for (const auto& [id, session] : state_->sessions) {
    session->go_away(drain);
  }
}

net::task<> gateway_double::stop() {
  const auto shared = state_;
  shared->listener.close();
  shared->direct_listener.close();
  shared->held.clear();
  for (const auto& [id, session] : std::exchange(shared->sessions, {})) {
    session->cut();
  }
  shared->tasks.cancel();
  return shared->tasks.join(net::deadline_after(patience));
}

}
