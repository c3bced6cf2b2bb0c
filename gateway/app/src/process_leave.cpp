#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "gateway_process.hpp"

namespace httvps::gateway {
namespace {

constexpr auto last_report_limit = std::chrono::seconds(5);

}

net::task<> gateway_process::leave_when_told() {
  co_await signals_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
  if (reporter_) {
    if (!leaving_) {
      static_cast<void>(scope_.spawn(shut_down()));
    }
    co_await signals_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
  }
  log_.info("gateway_stopped_at_once");
  finish({});
  co_return base::result<void>();
}

net::task<> gateway_process::hand_on_when_told() {
  while (!leaving_) {
    co_await upgrade_signal_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
    if (reporter_ && !leaving_) {
      co_return co_await hand_on();
    }
    log_.warn("too_early_to_hand_on");
  }
  co_return base::result<void>();
}

net::task<> gateway_process::hand_on() {
  ready_ = false;
  handing_on_ = true;
  membership_->leave_to_successor();
  placer_->stop();
  state_->stop();
  config_->stop();
  duty_->cancel();
  for (auto& each : workers_) {
    co_await net::asio::co_spawn(each->executor(), each->stop_listening(),
                                 net::asio::use_awaitable);
  }
  log_.info("gateway_handing_on", {{"limit_ms", settings_.upgrade_limit.count()}});
  const auto until = base::real_clock().steady_now() + settings_.upgrade_limit;
  net::scope staying(context_.get_executor());
  for (auto& each : workers_) {
    static_cast<void>(staying.spawn(hand_on(each.get(), until)));
  }
  co_await staying.join();
  if (!leaving_) {
    co_return co_await shut_down();
  }
  co_return base::result<void>();
}

net::task<> gateway_process::hand_on(worker* each, base::steady_time until) {
  auto work = each->hand_on(until);
  co_return co_await net::asio::co_spawn(each->executor(), std::move(work),
                                         net::asio::use_awaitable);
}

net::task<> gateway_process::shut_down() {
  leaving_ = true;
  ready_ = false;
  config_->stop();
  duty_->cancel();
  log_.info("gateway_draining", {{"limit_ms", settings_.drain.count()}});
  net::scope draining(context_.get_executor());
  for (auto& each : workers_) {
    static_cast<void>(draining.spawn(drain(each.get())));
  }
  co_await draining.join();
  const auto settled =
      co_await reporter_->settle(base::real_clock().steady_now() + last_report_limit);
  if (!settled) {
    log_.warn("usage_left_unreported", {{"outcome", settled.error()}});
  }
  if (!handing_on_) {
    static_cast<void>(co_await state_->settle());
  }
  log_.info("gateway_stopped");
  finish({});
  co_return base::result<void>();
}

net::task<> gateway_process::drain(worker* each) {
  auto work = each->drain(settings_.drain);
  co_return co_await net::asio::co_spawn(each->executor(), std::move(work),
                                         net::asio::use_awaitable);
}

}
