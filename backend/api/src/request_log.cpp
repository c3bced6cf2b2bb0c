#include "request_log.hpp"

#include <fmt/format.h>

namespace httvps::backend::api {
namespace {

constexpr std::string_view unknown_method = "other";
constexpr std::string_view known_methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};

std::string_view bounded_method(std::string_view method) {
  for (const auto known : known_methods) {
    if (known == method) {
      return known;
    }
  }
  return unknown_method;
}

double seconds_of(base::duration span) {
  return std::chrono::duration<double>(span).count();
}

bool is_quiet(const finished_call& finished) {
  return finished.status < 400 && !finished.route.starts_with("/api/");
}

}

void request_log::count(const finished_call& finished) {
  const auto method = bounded_method(finished.request.method);
  const auto name = fmt::format("{} {} {}", method, finished.route, finished.status);
  const std::lock_guard lock(mutex_);
  auto counter = counters_.find(name);
  if (counter == counters_.end()) {
    counter = counters_
                  .emplace(name, metrics_.add_counter(
                                     {.name = "httvps_backend_http_requests_total",
                                      .help = "Requests that were answered.",
                                      .labels = {{"route", std::string(finished.route)},
                                                 {"method", std::string(method)},
                                                 {"status", std::to_string(finished.status)}}}))
                  .first;
  }
  counter->second.add();
  auto latency = latencies_.find(std::string(finished.route));
  if (latency == latencies_.end()) {
    latency =
        latencies_
            .emplace(std::string(finished.route),
                     metrics_.add_histogram({.name = "httvps_backend_http_request_seconds",
                                             .help = "Time from a decoded request to its answer.",
                                             .labels = {{"route", std::string(finished.route)}}},
                                            base::latency_bounds_seconds))
            .first;
  }
  latency->second.observe(seconds_of(finished.took));
}

void request_log::write(const finished_call& finished) const {
  const auto& notes = finished.notes;
  const base::log_fields fields = {{"request_id", finished.request.request_id},
                                   {"method", bounded_method(finished.request.method)},
                                   {"route", finished.route},
                                   {"status", finished.status},
                                   {"code", finished.code},
                                   {"outcome", notes.outcome},
                                   {"actor", notes.actor},
                                   {"device_id", notes.device_id},
                                   {"node_id", notes.node_id},
                                   {"duration_ms", seconds_of(finished.took) * 1000}};
  if (finished.status >= 500) {
    log_.error("request", fields);
  } else if (is_quiet(finished)) {
    log_.debug("request", fields);
  } else {
    log_.info("request", fields);
  }
}

void request_log::record(const finished_call& finished) {
  count(finished);
  write(finished);
}

}
