#include "httvps/gateway/outline/dialer.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "connection_state.hpp"

namespace httvps::gateway {
namespace {

using shared_node = std::shared_ptr<outline_node>;

net::task<> look_up(shared_node node, base::steady_time now, base::steady_time deadline) {
  auto found = co_await net::resolve(node->place(), deadline);
  if (found) {
    node->store_addresses(std::move(*found), now);
  } else if (node->addresses().empty()) {
    co_return base::fail(found.error());
  }
  co_return base::result<>();
}

struct attempt_plan {
  base::steady_time now;
  base::steady_time deadline;
  std::size_t attempts_left;

  base::steady_time end() const noexcept {
    if (deadline == net::no_deadline) {
      return deadline;
    }
    return now + (deadline - now) / static_cast<std::int64_t>(attempts_left);
  }
};

net::task<net::tcp_stream> connect_any(shared_node node, const base::clock* clock,
                                       base::steady_time deadline) {
  const auto addresses = node->addresses();
  base::error last = net::errc::resolve_failed;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const attempt_plan plan{
        .now = clock->steady_now(), .deadline = deadline, .attempts_left = addresses.size() - i};
    auto stream = co_await net::connect(addresses[i], plan.end());
    if (stream || stream.error() == net::errc::cancelled) {
      co_return std::move(stream);
    }
    last = stream.error();
  }
  co_return base::fail(last);
}

net::task<net::tcp_stream> reach(shared_node node, const base::clock* clock,
                                 base::steady_time deadline) {
  const auto start = clock->steady_now();
  if (node->needs_lookup(start)) {
    HTTVPS_CO_CHECK(co_await look_up(node, start, deadline));
  }
  HTTVPS_CO_TRY(auto stream, co_await connect_any(node, clock, deadline));
  node->note_connected(clock->steady_now() - start);
  co_return std::move(stream);
}

base::error note_failure(outline_node& node, const base::error& failure) {
  const auto named = node_failure_of(failure);
  if (named.category() == outline_errors()) {
    node.note_failed(named);
  }
  return named;
}

base::result<connection_parts> join_parts(const std::shared_ptr<node_workspace>& shared,
                                          const shared_node& node, net::tcp_stream socket) {
  const auto& master = node->master_key();
  HTTVPS_TRY(const auto salt,
             shadowsocks::make_salt(master.method(), node->prefix(), shared->random));
  HTTVPS_TRY(const auto encryptor,
             shadowsocks::stream_encryptor::start(shared->engine, master, salt));
  return connection_parts{.shared = shared,
                          .node = node,
                          .socket = std::move(socket),
                          .encryptor = encryptor,
                          .decryptor = shadowsocks::stream_decryptor(shared->engine, master, salt)};
}

}

node_dialer::node_dialer(const base::clock& clock, base::random_source& random)
    : workspace_(std::make_shared<node_workspace>(clock, random)) {}

node_dialer::~node_dialer() = default;

net::task<node_connection> node_dialer::connect(connect_request request,
                                                base::steady_time deadline) {
  return dial(workspace_, std::move(request), deadline);
}

net::task<node_connection> node_dialer::dial(std::shared_ptr<node_workspace> shared,
                                             connect_request request, base::steady_time deadline) {
  if (request.first_payload.size() > first_payload_limit) {
    co_return base::fail(outline_errc::first_payload_too_long);
  }
  HTTVPS_CO_TRY(const auto target, shadowsocks::encoded_target::from(request.target));
  auto socket = co_await reach(request.node, &shared->clock, deadline);
  if (!socket) {
    co_return base::fail(note_failure(*request.node, socket.error()));
  }
  HTTVPS_CO_TRY(auto parts, join_parts(shared, request.node, std::move(*socket)));
  auto state = std::make_shared<node_connection::state>(std::move(parts));
  HTTVPS_CO_CHECK(state->send_first(target, request.first_payload));
  co_return node_connection(std::move(state));
}

}
