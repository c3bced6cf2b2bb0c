#include "httvps/gateway/outline/dialer.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "connection_state.hpp"
#include "node_race.hpp"
#include "predial_pool.hpp"

namespace httvps::gateway {
namespace {

base::result<connection_parts> join_parts(const std::shared_ptr<node_workspace>& shared,
                                          const shared_node& node, net::tcp_stream socket) {
  const auto& master = node->master_key();
  HTTVPS_TRY(const auto salt,
             shadowsocks::make_salt(master.method(), node->prefix(), shared->random));
  HTTVPS_TRY(const auto encryptor,
             shadowsocks::stream_encryptor::start(*shared->engine, master, salt));
  return connection_parts{
      .shared = shared,
      .node = node,
      .socket = std::move(socket),
      .encryptor = encryptor,
      .decryptor = shadowsocks::stream_decryptor(*shared->engine, master, salt)};
}

net::task<reached_node> reach_one(shared_node node, const base::clock* clock,
                                  base::steady_time deadline) {
  auto socket = co_await reach_node(node, clock, deadline);
  if (!socket) {
    co_return base::fail(note_failure(*node, socket.error(), clock->steady_now()));
  }
  co_return reached_node{.node = std::move(node), .stream = std::move(*socket)};
}

net::task<reached_node> reach(shared_node first, shared_node reserve, const base::clock* clock,
                              base::steady_time deadline) {
  if (!reserve || reserve == first) {
    return reach_one(std::move(first), clock, deadline);
  }
  node_pair both{.first = std::move(first), .reserve = std::move(reserve)};
  return reach_either(std::move(both), clock, deadline);
}

}

struct node_dialer::opening {
  const std::shared_ptr<node_workspace>& shared;
  const connect_request& request;
  const shadowsocks::encoded_target& target;
};

node_dialer::node_dialer(const base::clock& clock, base::random_source& random)
    : node_dialer(clock, random, {}) {}

node_dialer::node_dialer(const base::clock& clock, base::random_source& random, dialer_plan plan)
    : workspace_(std::make_shared<node_workspace>(clock, random,
                                                  engine_or_default(std::move(plan.engine)))),
      ahead_(std::make_shared<predial_pool>(clock, plan.ahead.settings, plan.ahead.meter)) {}

node_dialer::~node_dialer() {
  close_idle();
}

void node_dialer::close_idle() noexcept {
  ahead_->close();
}

net::task<node_connection> node_dialer::connect(connect_request request,
                                                base::steady_time deadline) {
  return dial({.shared = workspace_, .ahead = ahead_}, std::move(request), deadline);
}

net::task<node_connection> node_dialer::dial(dial_tools tools, connect_request request,
                                             base::steady_time deadline) {
  if (request.first_payload.size() > first_payload_limit) {
    co_return base::fail(outline_errc::first_payload_too_long);
  }
  HTTVPS_CO_TRY(const auto target, shadowsocks::encoded_target::from(request.target));
  const opening what{.shared = tools.shared, .request = request, .target = target};
  const net::executor runs_on = co_await net::asio::this_coro::executor;
  if (auto ready = tools.ahead->take(*request.node)) {
    tools.ahead->note_open(request.node, runs_on);
    auto connection = start(what, std::move(*ready));
    if (connection) {
      co_return std::move(connection);
    }
  }
  auto reached = co_await reach(request.node, request.reserve, &tools.shared->clock, deadline);
  if (!reached) {
    co_return base::fail(reached.error());
  }
  request.node = std::move(reached->node);
  tools.ahead->note_open(request.node, runs_on);
  co_return start(what, std::move(reached->stream));
}

net::task<> node_dialer::knock(std::shared_ptr<outline_node> node, base::steady_time deadline) {
  const auto shared = workspace_;
  const auto reached = co_await reach_one(std::move(node), &shared->clock, deadline);
  co_return reached ? base::result<>() : base::fail(reached.error());
}

base::result<node_connection> node_dialer::start(const opening& what, net::tcp_stream socket) {
  HTTVPS_TRY(auto parts, join_parts(what.shared, what.request.node, std::move(socket)));
  auto state = std::make_shared<node_connection::state>(std::move(parts));
  HTTVPS_CHECK(state->send_first(what.target, what.request.first_payload));
  return node_connection(std::move(state));
}

}
