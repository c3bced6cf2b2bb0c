#pragma once

#include <map>
#include <memory>
#include <vector>

#include "double_session.hpp"
#include "gateway_double.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/websocket_link.hpp"

namespace httvps::sdk::testing {

inline constexpr const char* double_names = "gateway.test,DNS:direct.test";

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
                  const std::string& gateway_id);
  std::string control(const std::string& text);
  std::string enrol(const net::http_request& request);
  std::string as_device(const net::http_request& request);

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
  net::testing::test_certificate certificate{double_names};
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

}
