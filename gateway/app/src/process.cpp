#include "httvps/gateway/app/process.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "gateway_process.hpp"

namespace httvps::gateway {
namespace {

validation_cache_metrics validated_metrics(base::metric_registry& registry) {
  return {.entries = registry.add_gauge(
              {"httvps_gateway_validated_devices",
               "Devices that may come back while the control plane does not answer."}),
          .evictions = registry.add_counter(
              {"httvps_gateway_validated_devices_displaced_total",
               "Devices that were forgotten because others were validated later."})};
}

}

gateway_process::gateway_process(const gateway_settings& settings, base::log_sink& sink)
    : settings_(settings),
      sink_(sink),
      log_(&sink, "gateway"),
      probe_(registry_),
      recognitions_(registry_),
      pool_(settings.memory),
      validated_(validated_devices_most, validated_metrics(registry_)),
      directory_(context_.get_executor(),
                 {.end_session = [this](std::uint64_t number) { end_session(number); },
                  .hand_over = [this](std::uint64_t number,
                                      newcomer who) { hand_over(number, std::move(who)); }},
                 roll_),
      nearby_(settings.runtime_dir),
      signals_(context_, SIGTERM, SIGINT),
      upgrade_signal_(context_, SIGUSR2),
      scope_(context_.get_executor()) {}

base::result<void> gateway_process::run() {
  HTTVPS_CHECK(prepare());
  HTTVPS_CHECK(listen());
  for (auto& each : workers_) {
    each->start();
  }
  static_cast<void>(scope_.spawn(live()));
  static_cast<void>(scope_.spawn(leave_when_told()));
  static_cast<void>(scope_.spawn(hand_on_when_told()));
  static_cast<void>(scope_.spawn(local_door_->run()));
  context_.run();
  local_door_->close();
  for (auto& each : workers_) {
    each->stop();
  }
  return outcome_;
}

net::asio::awaitable<net::http_response> gateway_process::answer_metrics(
    net::http_request request) {
  net::http_response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  if (request.target == "/metrics") {
    response.body = registry_.expose();
  } else if (request.target == "/healthz") {
    response.body = "ok\n";
  } else if (request.target == "/readyz") {
    response.status = is_serving() ? 200 : 503;
    response.body = readiness();
  } else {
    response.status = 404;
  }
  co_return response;
}

bool gateway_process::is_serving() const noexcept {
  return ready_ && standing_.is_approved() && duty_->phase() == service_phase::serving;
}

std::string_view gateway_process::readiness() const noexcept {
  if (!ready_) {
    return "not ready\n";
  }
  return standing_.is_approved() && !is_serving() ? "drains\n" : standing_.readiness();
}

void gateway_process::end_session(std::uint64_t number) {
  auto& owner = workers_[number >> session_number_bits];
  net::asio::post(owner->executor(), [raw = owner.get(), number] {
    raw->end_session(number, wire::errc::session_limit);
  });
}

void gateway_process::hand_over(std::uint64_t number, newcomer who) {
  auto& owner = workers_[number >> session_number_bits];
  if (const auto moved = who.carrier.link->stream().move_to(owner->executor()); !moved) {
    log_.warn("carrier_not_handed_over", {{"outcome", moved.error()}});
    return;
  }
  probe_.carriers_handed_over.add();
  net::asio::post(owner->executor(), [raw = owner.get(), who = std::move(who)]() mutable {
    raw->take_in(std::move(who));
  });
}

void gateway_process::finish(base::result<void> outcome) {
  outcome_ = outcome;
  context_.stop();
}

base::result<void> run_gateway(const gateway_settings& settings, base::log_sink& sink) {
  gateway_process process(settings, sink);
  return process.run();
}

}
