#include "usage_keeper.hpp"

#include <algorithm>

#include "duty_gauge.hpp"

namespace httvps::backend::core {
namespace {

using std::chrono::microseconds;

std::int64_t count_of(base::system_time moment) noexcept {
  return std::chrono::floor<microseconds>(moment).time_since_epoch().count();
}

constexpr int paces_a_term = 3;
constexpr std::chrono::seconds longest_term{9};

services::roll_up_limits limits_for(std::chrono::milliseconds pace) {
  const auto wanted = std::chrono::ceil<std::chrono::seconds>(pace * paces_a_term);
  return {.term = std::clamp(wanted, std::chrono::seconds(1), longest_term)};
}

}

usage_keeper::usage_keeper(const services::service_tools& tools, const keeper_terms& terms,
                           const keeper_surroundings& around)
    : clock_(tools.clock),
      worker_(tools, limits_for(terms.pace)),
      upkeep_(tools, terms.retention),
      pruning_(tools, terms.pruning),
      node_days_(tools, terms.daily),
      log_(around.log),
      rolled_up_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_rollup_batches_total",
           .help = "Usage batches that this process rolled up into days and hours."})),
      failures_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_rollup_failures_total",
           .help = "Roll-ups of usage that failed and are tried again."})),
      forgotten_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_forgotten_batches_total",
           .help = "Usage batches that were rolled up long ago and removed."})),
      forgotten_node_rows_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_forgotten_node_rows_total",
           .help = "Rows of what nodes counted by day and key that were removed."})),
      pruned_sessions_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_pruned_sessions_total",
           .help = "Sessions of closed runs of gateways whose counters were removed."})),
      pruned_quarantine_(around.metrics.add_counter(
          {.name = "httvps_backend_usage_pruned_quarantine_total",
           .help = "Quarantined sessions of closed runs of gateways that were removed."})),
      seconds_(around.metrics.add_histogram(
          {.name = "httvps_backend_usage_rollup_seconds", .help = "Time of a roll-up of usage."},
          base::latency_bounds_seconds)) {
  add_gauges(around.metrics);
}

void usage_keeper::add_gauges(base::metric_registry& metrics) {
  metrics.add_callback_gauge({.name = "httvps_backend_usage_lag_seconds",
                              .help = "Age of the oldest usage batch that waits for its roll-up."},
                             [this] {
                               const auto oldest = oldest_.load();
                               const microseconds age(count_of(clock_.system_now()) - oldest);
                               return oldest == 0 ? 0.0
                                                  : std::chrono::duration<double>(age).count();
                             });
  metrics.add_callback_gauge({.name = "httvps_backend_usage_backlog_batches",
                              .help = "Usage batches that wait for their roll-up."},
                             [this] { return static_cast<double>(waiting_.load()); });
  metrics.add_callback_gauge({.name = "httvps_backend_usage_unposted_batches",
                              .help = "Usage batches that were acknowledged and not counted yet."},
                             [this] { return static_cast<double>(unposted_.load()); });
  metrics.add_callback_gauge(
      {.name = "httvps_backend_usage_gap_batches",
       .help = "Numbers of usage batches that are missing below the highest ones that came."},
      [this] { return static_cast<double>(missing_.load()); });
  add_duty_gauge(metrics, services::roll_up_lease_name, [this] { return rolls_up_.load(); });
}

base::result<> usage_keeper::look_at_backlog() {
  HTTVPS_TRY(const auto state, worker_.backlog());
  waiting_ = state.batches;
  unposted_ = state.unposted;
  oldest_ = state.oldest ? count_of(*state.oldest) : 0;
  return {};
}

base::result<> usage_keeper::roll_up() {
  const auto started = clock_.steady_now();
  const auto done = worker_.run();
  rolls_up_ = done && done->outcome == services::roll_up_outcome::done;
  if (!done) {
    failures_.add();
    HTTVPS_CHECK(look_at_backlog());
    return base::fail(done.error());
  }
  rolled_up_.add(done->batches);
  if (done->batches > 0) {
    const std::chrono::duration<double> took = clock_.steady_now() - started;
    seconds_.observe(took.count());
    log_.debug("usage_rolled_up", {{"count", done->batches}, {"rows", done->rows}});
  }
  return look_at_backlog();
}

void usage_keeper::use(const services::usage_retention& retention,
                       const services::pruning_terms& pruning) {
  upkeep_.use(retention);
  pruning_.use(pruning);
}

base::result<> usage_keeper::tidy() {
  HTTVPS_TRY(missing_, upkeep_.missing_batches());
  HTTVPS_TRY(const auto removed, upkeep_.run());
  forgotten_.add(removed.batches);
  HTTVPS_TRY(const auto pruned, pruning_.run());
  pruned_sessions_.add(pruned.sessions);
  pruned_quarantine_.add(pruned.quarantined);
  HTTVPS_TRY(const auto node_rows, node_days_.forget());
  forgotten_node_rows_.add(node_rows);
  return {};
}

}
