#include <algorithm>
#include <utility>

#include "httvps/sdk/errc.hpp"
#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr auto least_gap = std::chrono::milliseconds(200);
constexpr auto least_gap_after_refusal = std::chrono::seconds(2);

bool is_outage(const base::error& failure) {
  return failure == errc::control_unavailable || failure == wire::errc::backend_unavailable;
}

}

net::task<> tunnel::core::run(std::shared_ptr<core> self) {
  while (!self->stopping_) {
    self->enter(tunnel_phase::connecting);
    self->failure_told_ = false;
    const auto outcome = co_await connect_once(self);
    if (!outcome && outcome.error() == net::errc::cancelled) {
      co_return outcome;
    }
    if (!outcome) {
      self->give_up(outcome.error());
    }
    self->enter(tunnel_phase::waiting);
    HTTVPS_CO_CHECK(co_await pause(self));
  }
  co_return base::result<>();
}

net::task<std::unique_ptr<net::carrier_link>> tunnel::core::dial(std::shared_ptr<core> self,
                                                                 carrier_kind kind) {
  auto order = self->order_for(kind);
  const auto deadline = self->chosen_.clock.steady_now() + self->chosen_.dial_patience;
  ++self->dialled_;
  HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> carrier,
                co_await self->dialer_.dial(std::move(order), deadline));
  self->gateway_address_ = net::to_text(carrier->stream().socket().remote());
  co_return std::move(carrier);
}

net::task<> tunnel::core::connect_once(std::shared_ptr<core> self) {
  self->choose_gateway();
  if (self->must_renew()) {
    const auto renewed = co_await renew_apart(self);
    if (!renewed && !is_outage(renewed.error())) {
      co_return renewed;
    }
    self->choose_gateway();
  }
  if (!self->current_) {
    self->current_ = self->make_link(self.get());
  }
  co_return co_await keep_carriers(self, self->current_);
}

net::task<> tunnel::core::pause(std::shared_ptr<core> self) {
  const auto began = self->chosen_.clock.steady_now();
  const bool refused = self->retry_after_ > std::chrono::seconds(0);
  const auto delay =
      std::max<base::duration>(self->backoff_.next(self->chosen_.random), self->retry_after_);
  const auto woken = co_await self->wake_.wait(began + delay);
  if (!woken && woken.error() != net::errc::timed_out) {
    co_return woken;
  }
  if (woken) {
    const auto gap = refused ? base::duration(least_gap_after_refusal) : least_gap;
    co_return co_await net::sleep_until(began + std::min(delay, gap));
  }
  co_return base::result<>();
}

net::task<> tunnel::core::stop(std::shared_ptr<core> self, base::steady_time deadline) {
  if (std::exchange(self->stopping_, true)) {
    co_return base::result<>();
  }
  self->tasks_.cancel();
  static_cast<void>(co_await self->tasks_.join(deadline));
  auto links = std::exchange(self->retired_, {});
  if (const auto current = std::exchange(self->current_, nullptr)) {
    self->note_totals(*current);
    links.push_back(current);
  }
  for (const auto& link : links) {
    link->forget_watcher();
    static_cast<void>(co_await link->close(deadline));
  }
  self->connected_since_.reset();
  self->enter(tunnel_phase::stopped);
  co_return base::result<>();
}

}
