#include "node_reach.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "connection_state.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/gateway/outline/errc.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

constexpr auto next_address_after = std::chrono::milliseconds(250);

struct address_race {
  explicit address_race(const net::executor& runs_on) : changed(runs_on), attempts(runs_on) {}

  net::event changed;
  net::scope attempts;
  std::optional<net::tcp_stream> winner;
  std::size_t running = 0;
  base::error last = net::errc::resolve_failed;
};

using shared_race = std::shared_ptr<address_race>;

bool is_ipv6(const net::endpoint& place) {
  return place.host.find(':') != std::string::npos;
}

std::vector<net::endpoint> interleaved(const std::vector<net::endpoint>& all) {
  std::vector<net::endpoint> first;
  std::vector<net::endpoint> second;
  for (const auto& place : all) {
    (is_ipv6(place) == is_ipv6(all.front()) ? first : second).push_back(place);
  }
  std::vector<net::endpoint> mixed;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) {
      mixed.push_back(first[i]);
    }
    if (i < second.size()) {
      mixed.push_back(second[i]);
    }
  }
  return mixed;
}

net::task<> attempt(shared_race race, net::endpoint place, base::steady_time deadline) {
  auto stream = co_await net::connect(std::move(place), deadline);
  --race->running;
  if (stream && !race->winner) {
    race->winner.emplace(std::move(*stream));
  } else if (!stream) {
    race->last = stream.error();
  }
  race->changed.notify();
  co_return base::result<>();
}

net::task<net::tcp_stream> race_addresses(std::vector<net::endpoint> addresses,
                                          base::steady_time deadline) {
  const auto race = std::make_shared<address_race>(co_await net::asio::this_coro::executor);
  const base::scope_exit over([race] { race->attempts.cancel(); });
  for (std::size_t next = 0; !race->winner;) {
    if (next < addresses.size()) {
      ++race->running;
      HTTVPS_CO_CHECK(race->attempts.spawn(attempt(race, addresses[next++], deadline)));
    } else if (race->running == 0) {
      co_return base::fail(race->last);
    }
    const bool is_last = next == addresses.size();
    const auto patience =
        is_last ? deadline : std::min(deadline, net::deadline_after(next_address_after));
    const auto changed = co_await race->changed.wait(patience);
    if (!changed && (is_last || changed.error() != net::errc::timed_out)) {
      co_return base::fail(changed.error());
    }
  }
  co_return std::move(*race->winner);
}

net::task<net::tcp_stream> connect_any(const shared_node& node, base::steady_time deadline) {
  const auto addresses = interleaved(node->addresses());
  if (addresses.size() == 1) {
    return net::connect(addresses.front(), deadline);
  }
  return race_addresses(addresses, deadline);
}

}

net::task<> look_up_node(shared_node node, base::steady_time now, base::steady_time deadline) {
  if (!node->needs_lookup(now)) {
    co_return base::result<>();
  }
  auto found = co_await net::resolve(node->place(), deadline);
  if (found) {
    node->store_addresses(std::move(*found), now);
  } else if (node->addresses().empty()) {
    co_return base::fail(found.error());
  }
  co_return base::result<>();
}

net::task<net::tcp_stream> reach_node(shared_node node, const base::clock* clock,
                                      base::steady_time deadline) {
  const auto start = clock->steady_now();
  HTTVPS_CO_CHECK(co_await look_up_node(node, start, deadline));
  HTTVPS_CO_TRY(auto stream, co_await connect_any(node, deadline));
  node->prefer(stream.remote());
  const auto now = clock->steady_now();
  node->note_connected(now - start, now);
  co_return std::move(stream);
}

base::error note_failure(outline_node& node, const base::error& failure, base::steady_time now) {
  const auto named = node_failure_of(failure);
  if (named.category() == outline_errors()) {
    node.note_failed(named, now);
  }
  return named;
}

}
