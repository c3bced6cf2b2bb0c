#include "server_control.hpp"

#include <csignal>
#include <utility>

#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

constexpr auto metrics_limit = std::chrono::seconds(3);
constexpr auto signal_patience = std::chrono::seconds(2);
constexpr auto look_again = std::chrono::milliseconds(20);
constexpr auto long_life = std::chrono::seconds(30);
constexpr auto stop_patience = std::chrono::seconds(5);
constexpr int http_fine = 200;

std::vector<std::string> command_of(const node_settings& settings) {
  return {settings.server_program, "-config",         settings.services_file,        "-metrics",
          settings.server_metrics, "-replay_history", settings.server_replay_history};
}

}

base::result<std::unique_ptr<server_control>> server_control::make(const net::executor& runs_on,
                                                                   const node_settings& settings,
                                                                   const base::logger& log,
                                                                   server_events events) {
  HTTVPS_TRY(auto place, net::parse_endpoint(settings.server_metrics));
  net::http_client_options chosen{
      .origin = {.place = std::move(place)}, .max_connections = 1, .body_limit = metrics_text_most};
  HTTVPS_TRY(auto client, net::http_client::make(runs_on, std::move(chosen)));
  return std::unique_ptr<server_control>(
      new server_control(runs_on, settings, log, std::move(events), std::move(client)));
}

server_control::server_control(const net::executor& runs_on, const node_settings& settings,
                               const base::logger& log, server_events events,
                               net::http_client metrics)
    : settings_(settings),
      log_(log),
      events_(std::move(events)),
      metrics_(std::move(metrics)),
      child_(runs_on, command_of(settings)),
      started_(runs_on) {}

std::string server_control::identity() const {
  if (is_ours()) {
    return child_.is_running() ? process_identity(child_.process()) : std::string();
  }
  const auto process = process_of(settings_.server_pid_file, settings_.server_name);
  return process ? process_identity(*process) : std::string();
}

net::task<server_reading> server_control::read() {
  const auto before = identity();
  net::http_request request;
  request.target = "/metrics";
  const auto answer =
      co_await metrics_.call(std::move(request), net::deadline_after(metrics_limit));
  if (!answer || answer->status != http_fine) {
    co_return base::fail(app_errc::server_metrics_unreachable);
  }
  HTTVPS_CO_TRY(auto metrics, read_server_metrics(answer->body));
  const auto after = identity();
  if (before != after || (is_ours() && after.empty())) {
    co_return base::fail(app_errc::server_metrics_unreachable);
  }
  answered_ = metrics.loaded_keys.value_or(0) > 0 || answered_;
  server_reading reading{.metrics = std::move(metrics), .process = after};
  co_return reading;
}

net::task<> server_control::wait_until_it_takes_signals() {
  const auto end = child_.started_at() + signal_patience;
  while (!answered_ && base::real_clock().steady_now() < end) {
    static_cast<void>(co_await read());
    co_await net::sleep_until(net::deadline_after(look_again));
  }
  co_return base::result<void>();
}

net::task<> server_control::reload() {
  if (!is_ours()) {
    HTTVPS_CO_CHECK(signal_process_of(settings_.server_pid_file, settings_.server_name));
    events_.reloaded();
    co_return base::result<void>();
  }
  if (stopping_) {
    co_return base::fail(app_errc::server_not_started);
  }
  if (!child_.is_running()) {
    answered_ = false;
    HTTVPS_CO_CHECK(child_.start());
    log_.info("server_started", {{"process", child_.process()}});
    started_.notify();
    co_return base::result<void>();
  }
  HTTVPS_CO_CHECK(co_await wait_until_it_takes_signals());
  child_.signal(SIGHUP);
  events_.reloaded();
  co_return base::result<void>();
}

net::task<> server_control::keep_running() {
  while (is_ours() && !stopping_) {
    HTTVPS_CO_CHECK(co_await started_.wait(net::no_deadline));
    HTTVPS_CO_TRY(const int code, co_await child_.wait(net::no_deadline));
    if (stopping_) {
      break;
    }
    events_.gone();
    log_.error("server_exited", {{"status", code}});
    if (base::real_clock().steady_now() - child_.started_at() > long_life) {
      pause_.reset();
    }
    co_await net::sleep_until(net::deadline_after(pause_.next(base::secure_random())));
    if (const auto again = child_.is_running() ? base::result<void>() : co_await reload(); !again) {
      log_.error("server_not_started", {{"outcome", again.error()}});
      started_.notify();
    }
  }
  co_return base::result<void>();
}

net::task<> server_control::stop(base::steady_time deadline) {
  stopping_ = true;
  if (!is_ours() || !child_.is_running()) {
    co_return base::result<void>();
  }
  child_.signal(SIGTERM);
  const auto patience = std::min(deadline, net::deadline_after(stop_patience));
  while (child_.is_running() && base::real_clock().steady_now() < patience) {
    co_await net::sleep_until(net::deadline_after(look_again));
  }
  child_.signal(SIGKILL);
  co_return base::result<void>();
}

}
