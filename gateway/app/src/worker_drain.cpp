#include <utility>

#include "httvps/gateway/app/worker.hpp"

namespace httvps::gateway {
namespace {

constexpr auto look_again = std::chrono::milliseconds(50);
constexpr auto idle_farewell = std::chrono::milliseconds(2000);

bool is_tunnel(const hosted_session& session) noexcept {
  return session.terms().admits == admission::everything;
}

}

void worker::send_idle_away(farewells& told) {
  const auto now = base::real_clock().steady_now();
  sessions_.for_each([&told, now](hosted_session& session) {
    if (session.open_streams() > 0) {
      return;
    }
    const auto [found, fresh] = told.try_emplace(session.terms().number, now + idle_farewell);
    if (fresh) {
      session.leave(wire::errc::gateway_draining, idle_farewell);
    } else if (now >= found->second) {
      session.end(wire::errc::gateway_draining);
    }
  });
}

net::task<> worker::hand_on(base::steady_time until) {
  farewells told;
  auto now = base::real_clock().steady_now();
  const auto last_arrivals = now + idle_farewell;
  while (now < until && (now < last_arrivals || sessions_.size() > 0)) {
    send_idle_away(told);
    co_await net::sleep_until(now + look_again);
    now = base::real_clock().steady_now();
  }
  co_return base::result<void>();
}

net::task<> worker::drain(std::chrono::milliseconds limit) {
  constexpr auto farewell_limit = std::chrono::milliseconds(2500);
  listener_->close();
  desk_->drain();
  sessions_.for_each(
      [limit](hosted_session& session) { session.leave(wire::errc::gateway_draining, limit); });
  const auto deadline = base::real_clock().steady_now() + limit;
  const auto busy = [this] {
    std::size_t streams = 0;
    sessions_.for_each(
        [&streams](const hosted_session& session) { streams += session.open_streams(); });
    return streams > 0;
  };
  while (busy() && base::real_clock().steady_now() < deadline) {
    co_await net::sleep_until(base::real_clock().steady_now() + look_again);
  }
  sessions_.for_each([](hosted_session& session) { session.end(wire::errc::gateway_draining); });
  const auto last = base::real_clock().steady_now() + farewell_limit;
  while (sessions_.size() > 0 && base::real_clock().steady_now() < last) {
    co_await net::sleep_until(base::real_clock().steady_now() + look_again);
  }
  co_return base::result<void>();
}

net::task<std::vector<std::string>> worker::hold_back() {
  desk_->drain();
  std::vector<std::string> devices;
  sessions_.for_each([&devices](const hosted_session& session) {
    if (is_tunnel(session)) {
      devices.push_back(session.terms().device_id);
    }
  });
  co_return devices;
}

net::task<std::size_t> worker::send_away(std::shared_ptr<const successor_map> known,
                                         std::chrono::milliseconds limit) {
  std::size_t held = 0;
  sessions_.for_each([&](hosted_session& session) {
    if (!is_tunnel(session)) {
      return;
    }
    ++held;
    if (sent_away_.insert(session.terms().number).second) {
      const auto found = known->find(session.terms().device_id);
      session.leave(wire::errc::gateway_draining, limit,
                    found == known->end() ? std::vector<std::string>() : found->second);
    }
  });
  co_return held;
}

net::task<> worker::end_sessions() {
  desk_->drain();
  sessions_.for_each([](hosted_session& session) {
    if (is_tunnel(session)) {
      session.end(wire::errc::gateway_draining);
    }
  });
  co_return base::result<void>();
}

void worker::take_in_again() {
  desk_->undrain();
  sent_away_.clear();
}

}
