#include "drain_duty.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <utility>

namespace httvps::gateway {
namespace {

constexpr auto look_again = std::chrono::milliseconds(50);

}

drain_duty::drain_duty(const net::executor& runs_on, drain_parts parts)
    : parts_(std::move(parts)), scope_(runs_on) {}

void drain_duty::follow(service_order wanted) {
  if (std::exchange(order_, wanted) == wanted) {
    return;
  }
  ++turn_;
  if (wanted != service_order::serve) {
    phase_ = service_phase::draining;
    parts_.log.info("gateway_leaves_service",
                    {{"limit_ms", wanted == service_order::drain ? parts_.limit.count() : 0}});
    static_cast<void>(
        scope_.spawn(wanted == service_order::drain ? send_all_away(turn_) : end_all(turn_)));
    return;
  }
  phase_ = service_phase::serving;
  parts_.log.info("gateway_serves_again");
  for (auto* each : parts_.workers) {
    net::asio::post(each->executor(), [each] { each->take_in_again(); });
  }
}

void drain_duty::cancel() {
  ++turn_;
  scope_.cancel();
}

net::task<> drain_duty::send_all_away(std::uint64_t turn) {
  HTTVPS_CO_TRY(const auto known, co_await ask_for_successors(turn));
  const auto until = base::real_clock().steady_now() + parts_.limit;
  std::size_t held = 1;
  while (is_current(turn) && held > 0 && base::real_clock().steady_now() < until) {
    HTTVPS_CO_TRY(held, co_await send_away(turn, known));
    if (held > 0) {
      HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + look_again));
    }
  }
  co_return co_await end_all(turn);
}

net::task<> drain_duty::end_all(std::uint64_t turn) {
  for (auto* each : parts_.workers) {
    if (is_current(turn)) {
      HTTVPS_CO_CHECK(co_await net::asio::co_spawn(each->executor(), each->end_sessions(),
                                                   net::asio::use_awaitable));
    }
  }
  if (is_current(turn)) {
    phase_ = service_phase::drained;
    parts_.log.info("gateway_drained");
  }
  co_return base::result<void>();
}

net::task<std::vector<std::string>> drain_duty::hold_back(std::uint64_t turn) {
  std::vector<std::string> devices;
  for (auto* each : parts_.workers) {
    if (!is_current(turn)) {
      break;
    }
    HTTVPS_CO_TRY(auto held, co_await net::asio::co_spawn(each->executor(), each->hold_back(),
                                                          net::asio::use_awaitable));
    std::ranges::move(held, std::back_inserter(devices));
  }
  std::ranges::sort(devices);
  const auto twice = std::ranges::unique(devices);
  devices.erase(twice.begin(), twice.end());
  co_return devices;
}

net::task<std::shared_ptr<const successor_map>> drain_duty::ask_for_successors(std::uint64_t turn) {
  HTTVPS_CO_TRY(const auto devices, co_await hold_back(turn));
  auto known = std::make_shared<successor_map>();
  for (std::size_t at = 0; at < devices.size(); at += successors_devices_most) {
    const auto count = std::min(successors_devices_most, devices.size() - at);
    const auto first = devices.begin() + static_cast<std::ptrdiff_t>(at);
    std::vector<std::string> asked(first, first + static_cast<std::ptrdiff_t>(count));
    auto told = co_await parts_.control.successors(std::move(asked));
    if (!told) {
      parts_.log.warn("successors_not_known", {{"outcome", told.error()}});
      break;
    }
    for (auto& each : *told) {
      (*known)[each.device_id] = std::move(each.gateways);
    }
  }
  co_return known;
}

net::task<std::size_t> drain_duty::send_away(std::uint64_t turn,
                                             std::shared_ptr<const successor_map> known) {
  std::size_t held = 0;
  for (auto* each : parts_.workers) {
    if (!is_current(turn)) {
      break;
    }
    auto work = each->send_away(known, parts_.limit);
    HTTVPS_CO_TRY(const auto there, co_await net::asio::co_spawn(each->executor(), std::move(work),
                                                                 net::asio::use_awaitable));
    held += there;
  }
  co_return held;
}

}
