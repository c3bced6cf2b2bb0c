#include <algorithm>
#include <utility>

#include "control_call.hpp"
#include "httvps/sdk/errc.hpp"
#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr auto least_gap = std::chrono::milliseconds(200);
constexpr auto least_gap_after_refusal = std::chrono::seconds(2);
constexpr auto control_patience = std::chrono::seconds(15);
constexpr auto clock_check_interval = std::chrono::seconds(30);
constexpr auto renewal_retry = std::chrono::seconds(30);
constexpr auto place_look_interval = std::chrono::milliseconds(50);
constexpr auto polite_close = std::chrono::seconds(1);

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

net::task<> tunnel::core::renew_over(std::shared_ptr<core> self,
                                     std::shared_ptr<session_link> link) {
  const auto deadline = self->chosen_.clock.steady_now() + control_patience;
  const auto fresh = co_await request_documents(link, self->chosen_.account, deadline);
  if (!fresh) {
    self->record_failure(fresh.error().code, fresh.error().sentence);
    co_return base::fail(fresh.error().code);
  }
  self->adopt(*fresh);
  co_return base::result<>();
}

net::task<> tunnel::core::wait_for_place(std::shared_ptr<core> self) {
  const auto deadline = self->chosen_.clock.steady_now() + control_patience;
  while (!self->has_place()) {
    HTTVPS_CO_CHECK(co_await self->changed_.wait(deadline));
  }
  co_return base::result<>();
}

net::task<> tunnel::core::renew_apart(std::shared_ptr<core> self) {
  HTTVPS_CO_CHECK(co_await wait_for_place(self));
  auto place = self->places_.take();
  HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> carrier,
                co_await dial(self, carrier_kind::http1));
  const auto link = self->make_link(nullptr);
  HTTVPS_CO_CHECK(link->attach_carrier(std::move(carrier), 0, std::move(place)));
  const auto renewed = co_await renew_over(self, link);
  const auto deadline = self->chosen_.clock.steady_now() + polite_close;
  static_cast<void>(co_await link->close(deadline));
  co_return renewed;
}

net::task<> tunnel::core::look_for_place(std::shared_ptr<core> self, base::steady_time deadline) {
  while (!self->has_place()) {
    const auto now = self->chosen_.clock.steady_now();
    if (now >= deadline) {
      co_return base::fail(net::errc::timed_out);
    }
    HTTVPS_CO_CHECK(co_await net::sleep_until(std::min(deadline, now + place_look_interval)));
  }
  co_return base::result<>();
}

control_task<std::string> tunnel::core::ask(std::shared_ptr<core> self, device_question question,
                                            base::steady_time deadline) {
  if (self->stopping_) {
    co_return problem_of(errc::tunnel_stopped);
  }
  const auto link = self->current_;
  if (link && link->is_established() && link->is_attached() && !self->must_renew()) {
    co_return co_await ask_over(link, self->chosen_.account, std::move(question), deadline);
  }
  if (const auto room = co_await look_for_place(self, deadline); !room) {
    co_return problem_of(room.error());
  }
  const auto place = self->places_.take();
  lone_question alone{.account = self->chosen_.account,
                      .question = std::move(question),
                      .connect_to = self->chosen_.connect_to};
  auto answer = co_await ask_alone(std::move(alone), deadline);
  if (!answer && self->revoked_ && answer.error().code == errc::gateway_did_not_recognise) {
    co_return problem_of(self->last_failure_->code, self->last_failure_->sentence);
  }
  co_return answer;
}

net::task<> tunnel::core::keep_fresh(std::shared_ptr<core> self) {
  while (!self->stopping_) {
    const auto now = self->chosen_.clock.steady_now();
    const auto due = self->next_renewal();
    const bool connected = self->current_ && self->current_->is_established();
    const bool renew = connected && now >= due;
    auto look = now + clock_check_interval;
    if (renew) {
      const auto renewed = co_await renew_over(self, self->current_);
      look = self->chosen_.clock.steady_now() + (renewed ? base::duration(0) : renewal_retry);
    } else if (connected) {
      look = std::min(look, due);
    }
    const auto waited = co_await self->connected_.wait(look);
    if (!waited && waited.error() != net::errc::timed_out) {
      co_return waited;
    }
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
