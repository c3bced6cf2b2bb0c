#include "httvps/gateway/sessions/carrier_relay.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {
namespace {

constexpr std::uint16_t normal_closure = 1000;
constexpr auto close_limit = std::chrono::seconds(2);

struct relay_way {
  explicit relay_way(const net::executor& runs_on) : room(runs_on) {}

  net::carrier_link* from = nullptr;
  net::carrier_link* to = nullptr;
  relay_way* back = nullptr;
  base::byte_vector held;
  net::event room;
};

struct relay_state {
  relay_state(const net::executor& runs_on, relayed_pair links, base::duration stall)
      : between(std::move(links)), up(runs_on), down(runs_on), ended(runs_on), stall_most(stall) {
    up.from = down.to = between.device.get();
    up.to = down.from = between.process.get();
    up.back = &down;
    down.back = &up;
    up.held = std::move(between.first);
  }

  relayed_pair between;
  relay_way up;
  relay_way down;
  net::event ended;
  base::duration stall_most;
  base::result<> outcome = base::fail(net::errc::cancelled);
  bool is_over = false;
};

using shared_relay = std::shared_ptr<relay_state>;

net::task<> wait_for_room(relay_way* way, net::send_state state, base::steady_time deadline) {
  if (state == net::send_state::paused) {
    co_return co_await way->room.wait(deadline);
  }
  HTTVPS_CO_CHECK(co_await way->to->stream().wait_writable(deadline));
  way->to->stream().note_writable(base::real_clock().steady_now());
  co_return base::result<>();
}

net::task<> push(relay_way* way, base::duration stall_most) {
  const auto held = std::exchange(way->held, {});
  base::byte_view rest = held;
  while (!rest.empty() || way->to->stream().has_backlog()) {
    HTTVPS_CO_TRY(const auto state, way->to->send([&rest](base::byte_span space) {
      const auto count = std::min(space.size(), rest.size());
      base::copy_bytes(space, rest.first(count));
      rest = rest.subspan(count);
      return count;
    }));
    if (state == net::send_state::blocked || state == net::send_state::paused) {
      const auto deadline = base::real_clock().steady_now() + stall_most;
      HTTVPS_CO_CHECK(co_await wait_for_room(way, state, deadline));
    } else if (state == net::send_state::drained) {
      way->to->stream().note_drained();
    }
  }
  co_return base::result<>();
}

net::task<> pump(shared_relay relay, relay_way* way) {
  HTTVPS_CO_CHECK(co_await push(way, relay->stall_most));
  auto state = net::link_state::open;
  while (state == net::link_state::open) {
    HTTVPS_CO_CHECK(co_await way->from->wait_readable(net::no_deadline));
    const auto received =
        way->from->receive([way](base::byte_view payload) { base::append(way->held, payload); });
    way->back->room.notify();
    const auto pushed = co_await push(way, relay->stall_most);
    HTTVPS_CO_TRY(state, received);
    HTTVPS_CO_CHECK(pushed);
  }
  co_return base::result<>();
}

net::task<> run(shared_relay relay, relay_way* way) {
  const auto outcome = co_await pump(relay, way);
  if (!std::exchange(relay->is_over, true)) {
    relay->outcome = outcome;
  }
  relay->ended.notify();
  co_return outcome;
}

net::task<> end(shared_relay relay, net::carrier_link* link) {
  auto outcome = relay->outcome;
  if (outcome) {
    outcome = co_await link->close(normal_closure, base::real_clock().steady_now() + close_limit);
  }
  link->stream().socket().close_now();
  co_return outcome;
}

}

net::task<> relay_carrier(relayed_pair between, base::duration stall_most) {
  const net::executor here = co_await net::asio::this_coro::executor;
  const auto relay = std::make_shared<relay_state>(here, std::move(between), stall_most);
  net::scope pumps(here);
  HTTVPS_CO_CHECK(pumps.spawn(run(relay, &relay->up)));
  HTTVPS_CO_CHECK(pumps.spawn(run(relay, &relay->down)));
  static_cast<void>(co_await relay->ended.wait(net::no_deadline));
  pumps.cancel();
  static_cast<void>(co_await pumps.join());
  net::scope ends(here);
  HTTVPS_CO_CHECK(ends.spawn(end(relay, relay->between.device.get())));
  HTTVPS_CO_CHECK(ends.spawn(end(relay, relay->between.process.get())));
  static_cast<void>(co_await ends.join());
  co_return relay->outcome;
}

}
