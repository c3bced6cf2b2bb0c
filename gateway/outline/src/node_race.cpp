#include "node_race.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "httvps/gateway/outline/errc.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

constexpr auto second_choice_after = std::chrono::milliseconds(250);

struct node_race {
  explicit node_race(const net::executor& runs_on) : changed(runs_on), attempts(runs_on) {}

  net::event changed;
  net::scope attempts;
  std::optional<reached_node> winner;
  std::size_t running = 0;
  base::error last = outline_errc::node_unreachable;
};

using shared_race = std::shared_ptr<node_race>;

struct entrant {
  shared_race race;
  shared_node node;
  const base::clock* clock;
};

net::task<> attempt(entrant who, base::steady_time deadline) {
  auto stream = co_await reach_node(who.node, who.clock, deadline);
  --who.race->running;
  if (stream && !who.race->winner) {
    who.race->winner.emplace(reached_node{.node = who.node, .stream = std::move(*stream)});
  } else if (!stream) {
    who.race->last = note_failure(*who.node, stream.error(), who.clock->steady_now());
  }
  who.race->changed.notify();
  co_return base::result<>();
}

base::result<> enter(const entrant& who, base::steady_time deadline) {
  ++who.race->running;
  return who.race->attempts.spawn(attempt(who, deadline));
}

net::task<> wait_for_winner(shared_race race, base::steady_time until) {
  while (!race->winner && race->running > 0) {
    HTTVPS_CO_CHECK(co_await race->changed.wait(until));
  }
  co_return base::result<>();
}

}

net::task<reached_node> reach_either(node_pair nodes, const base::clock* clock,
                                     base::steady_time deadline) {
  const auto race = std::make_shared<node_race>(co_await net::asio::this_coro::executor);
  const base::scope_exit over([race] { race->attempts.cancel(); });
  const auto started = clock->steady_now();
  const entrant first{.race = race, .node = nodes.first, .clock = clock};
  HTTVPS_CO_CHECK(enter(first, deadline));
  const auto patience = std::min(deadline, net::deadline_after(second_choice_after));
  const auto early = co_await wait_for_winner(race, patience);
  if (!early && early.error() != net::errc::timed_out) {
    co_return base::fail(early.error());
  }
  if (!race->winner) {
    const entrant second{.race = race, .node = nodes.reserve, .clock = clock};
    HTTVPS_CO_CHECK(enter(second, deadline));
    HTTVPS_CO_CHECK(co_await wait_for_winner(race, deadline));
  }
  if (!race->winner) {
    co_return base::fail(race->last);
  }
  if (race->winner->node != nodes.first && race->running > 0) {
    const auto now = clock->steady_now();
    nodes.first->note_unanswered(now - started, now);
  }
  co_return std::move(*race->winner);
}

}
