#include <algorithm>
#include <utility>

#include "control_call.hpp"
#include "httvps/sdk/errc.hpp"
#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr auto control_patience = std::chrono::seconds(15);
constexpr auto clock_check_interval = std::chrono::seconds(30);
constexpr auto renewal_retry = std::chrono::seconds(30);
constexpr auto place_look_interval = std::chrono::milliseconds(50);
constexpr auto polite_close = std::chrono::seconds(1);

}

base::result<> tunnel::core::adopt(const fresh_documents& fresh, std::string_view event) {
  const auto adopted = chosen_.account.refresh(fresh, chosen_.clock.system_now());
  if (!adopted) {
    record_failure(adopted.error());
    return adopted;
  }
  restricted_ = false;
  if (const auto saved = chosen_.store.save_record(chosen_.account.record()); !saved) {
    chosen_.log.warn("state_not_saved", {{"code", saved.error()}});
  }
  chosen_.log.info(event);
  if (const auto heard = std::exchange(unproved_policy_, std::nullopt)) {
    on_policy(*heard);
  }
  return {};
}

base::steady_time tunnel::core::steady_moment_of(base::system_time moment) const {
  const auto left = moment - chosen_.clock.system_now();
  return chosen_.clock.steady_now() + std::chrono::duration_cast<base::duration>(left);
}

base::steady_time tunnel::core::next_renewal() const {
  return steady_moment_of(chosen_.account.renew_at());
}

base::steady_time tunnel::core::next_refresh() const {
  return std::min(next_renewal(), steady_moment_of(chosen_.account.lease_until()));
}

net::task<> tunnel::core::renew_over(std::shared_ptr<core> self,
                                     std::shared_ptr<session_link> link) {
  const auto deadline = self->chosen_.clock.steady_now() + control_patience;
  const auto fresh = co_await request_documents(link, self->chosen_.account, deadline);
  if (!fresh) {
    self->record_failure(fresh.error().code, fresh.error().sentence);
    co_return base::fail(fresh.error().code);
  }
  co_return self->adopt(*fresh, "token_renewed");
}

net::task<> tunnel::core::ask_gateways_over(std::shared_ptr<core> self,
                                            std::shared_ptr<session_link> link) {
  const auto deadline = self->chosen_.clock.steady_now() + control_patience;
  const auto fresh = co_await request_gateways(link, self->chosen_.account, deadline);
  if (!fresh) {
    self->chosen_.log.warn("gateways_not_told", {{"code", fresh.error().code}});
    co_return base::fail(fresh.error().code);
  }
  co_return self->adopt(*fresh, "gateways_told");
}

net::task<> tunnel::core::refresh_over(std::shared_ptr<core> self,
                                       std::shared_ptr<session_link> link) {
  const bool token_due = self->chosen_.clock.steady_now() >= self->next_renewal();
  if (token_due) {
    co_return co_await renew_over(self, std::move(link));
  }
  co_return co_await ask_gateways_over(self, std::move(link));
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
    const auto due = self->next_refresh();
    const bool connected = self->current_ && self->current_->is_established();
    const bool refresh = connected && now >= due;
    auto look = now + clock_check_interval;
    if (refresh) {
      const auto refreshed = co_await refresh_over(self, self->current_);
      look = self->chosen_.clock.steady_now() + (refreshed ? base::duration(0) : renewal_retry);
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

}
