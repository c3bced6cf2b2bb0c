#include <algorithm>
#include <utility>

#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr std::size_t retired_most = 4;
constexpr auto drain_check_interval = std::chrono::milliseconds(250);
constexpr auto polite_close = std::chrono::seconds(1);

int fitness(const wire::carrier_facts& carrier) {
  if (!carrier.ready || carrier.suspect) {
    return 0;
  }
  return carrier.retiring ? 1 : 2;
}

wire::carrier_number fittest(const std::vector<wire::carrier_facts>& carriers) {
  const auto best = std::ranges::max_element(
      carriers, {}, [](const auto& each) { return std::pair(fitness(each), each.streams); });
  return best == carriers.end() ? wire::carrier_number{} : best->number;
}

}

void tunnel::core::on_going_away(const wire::peer_going_away& leaving) {
  chosen_.log.info("gateway_leaves",
                   {{"code", base::error(leaving.code)}, {"drain_ms", leaving.drain.count()}});
  if (leaving.drain == std::chrono::milliseconds(0) || !current_) {
    return;
  }
  follow_successor(leaving.gateways);
  retire(std::exchange(current_, nullptr), chosen_.clock.steady_now() + leaving.drain);
  connected_since_.reset();
  changed_.notify();
}

void tunnel::core::follow_successor(const std::vector<std::string>& named) {
  const auto known = chosen_.account.gateways();
  for (const auto& name : named) {
    const auto found = std::ranges::find(known, name, &identity::gateway_entry::id);
    if (found != known.end() && found->id != gateway_.id) {
      gateway_turn_ = static_cast<std::size_t>(found - known.begin());
      return;
    }
  }
  gateway_turn_ += named.empty() ? 0 : 1;
}

void tunnel::core::retire(std::shared_ptr<session_link> link, base::steady_time deadline) {
  link->forget_watcher();
  retired_.push_back(link);
  const auto most = std::min(retired_most, chosen_.carriers.carriers_most - 1);
  for (std::size_t i = 0; i + most < retired_.size(); ++i) {
    if (!retired_[i]->is_closed()) {
      retired_[i]->fail(wire::errc::gateway_draining);
    }
  }
  shed_carriers(*link, shedding::gentle);
  static_cast<void>(tasks_.spawn(drain(shared_from_this(), std::move(link), deadline)));
}

void tunnel::core::shed_carriers(session_link& link, shedding how) {
  const auto carriers = link.facts().carriers;
  const auto kept = fittest(carriers);
  for (const auto& each : carriers) {
    if (each.number == kept) {
      continue;
    }
    if (how == shedding::abrupt || fitness(each) == 0) {
      link.drop_carrier(each.number, wire::errc::gateway_draining);
    } else if (!each.retiring) {
      link.retire_carrier(each.number);
    }
  }
}

net::task<> tunnel::core::drain(std::shared_ptr<core> self, std::shared_ptr<session_link> link,
                                base::steady_time deadline) {
  const auto gentle_until = self->chosen_.clock.steady_now() + polite_close;
  while (!link->is_idle() && !link->is_closed() && self->chosen_.clock.steady_now() < deadline) {
    const auto now = self->chosen_.clock.steady_now();
    self->shed_carriers(*link, now < gentle_until ? shedding::gentle : shedding::abrupt);
    HTTVPS_CO_CHECK(co_await net::sleep_until(std::min(now + drain_check_interval, deadline)));
  }
  self->note_totals(*link);
  std::erase(self->retired_, link);
  const auto patience = self->chosen_.clock.steady_now() + polite_close;
  co_return co_await link->close(patience);
}

}
