#include "gateway_double.hpp"

#include <boost/json.hpp>

#include "double_session.hpp"
#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/knock.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::sdk::testing {
namespace {

namespace json = boost::json;

constexpr auto patience = std::chrono::seconds(10);

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
        tasks(runs_on) {}

  bool recognises(const net::http_request& head, const net::tls_engine& engine) {
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
    const identity::channel_binding binding{.gateway_id = entry.id, .exporter = *exporter};
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
    if (request.target == "/api/v1/devices/config") {
      return answer_text(200, {{"config", issuer.config()}, {"key_set", issuer.key_set()}});
    }
    return answer_text(200, {{"device_id", device_id}});
  }

  static net::task<> accept(std::shared_ptr<state> self);
  static net::task<> serve(std::shared_ptr<state> self, net::tcp_stream socket);
  static net::task<net::http_request> read_head(net::tls_stream* stream, base::byte_vector* rest);

  service& issuer;
  net::testing::test_certificate certificate{"gateway.test"};
  net::tls_context context;
  net::tcp_listener listener;
  net::scope tasks;
  gateway_rules rules;
  gateway_counts counts;
  net::http_request upgrade;
  std::vector<std::weak_ptr<double_session>> sessions;
};

net::task<> gateway_double::state::accept(std::shared_ptr<state> self) {
  while (true) {
    HTTVPS_CO_TRY(net::tcp_stream socket, co_await self->listener.accept());
    ++self->counts.connections;
    HTTVPS_CO_CHECK(self->tasks.spawn(serve(self, std::move(socket))));
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

net::task<> gateway_double::state::serve(std::shared_ptr<state> self, net::tcp_stream socket) {
  HTTVPS_CO_TRY(net::tls_engine engine, net::tls_engine::make_server(self->context));
  net::tls_stream stream(std::move(socket), std::move(engine));
  const auto deadline = net::deadline_after(patience);
  HTTVPS_CO_CHECK(co_await stream.handshake(deadline));
  self->counts.resumed += stream.engine().is_resumed() ? 1U : 0U;
  base::byte_vector rest;
  HTTVPS_CO_TRY(self->upgrade, co_await read_head(&stream, &rest));
  net::http_response answer = {.status = 404, .body = "<h1>Not here</h1>"};
  const bool known = self->recognises(self->upgrade, stream.engine());
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
  net::websocket_link carrier(std::move(stream), std::move(rest), {});
  double_setting setting{.rules = self->rules, .counts = self->counts, .control = {}};
  setting.control = [raw = self.get()](const std::string& text) { return raw->control(text); };
  const auto session = std::make_shared<double_session>(std::move(carrier), std::move(setting));
  self->sessions.push_back(session);
  co_return co_await double_session::serve(session);
}

gateway_double::gateway_double(const net::executor& runs_on, service& issuer)
    : state_(std::make_shared<state>(runs_on, issuer)) {
  issuer.gateways = {entry()};
  static_cast<void>(state_->tasks.spawn(state::accept(state_)));
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
  for (const auto& each : std::exchange(state_->sessions, {})) {
    if (const auto session = each.lock()) {
      session->cut();
    }
  }
}

void gateway_double::go_away(std::chrono::milliseconds drain) {
  for (const auto& each : state_->sessions) {
    if (const auto session = each.lock()) {
      session->go_away(drain);
    }
  }
}

net::task<> gateway_double::stop() {
  const auto shared = state_;
  shared->listener.close();
  for (const auto& each : shared->sessions) {
    if (const auto session = each.lock()) {
      session->cut();
    }
  }
  shared->tasks.cancel();
  return shared->tasks.join(net::deadline_after(patience));
}

}
