#include "figure_watch.hpp"

#include <algorithm>

#include "httvps/backend/models/enum_text.hpp"

namespace httvps::backend::core {
namespace {

using models::key_state;
using models::subscription_standing;

constexpr std::chrono::minutes rest_between_counts{1};
constexpr key_state shown_keys[] = {key_state::pending, key_state::active, key_state::retiring};
constexpr subscription_standing shown_standings[] = {
    subscription_standing::pending,   subscription_standing::active,
    subscription_standing::limited,   subscription_standing::expired,
    subscription_standing::suspended, subscription_standing::cancelled};

template <typename Counts, typename Shown>
std::vector<base::gauge_reading> counted(const Counts& counts, const Shown& shown) {
  std::vector<base::gauge_reading> readings;
  for (const auto state : shown) {
    const auto found = counts.find(state);
    readings.push_back({.labels = {{"state", models::enum_text(state)}},
                        .value = found == counts.end() ? 0 : static_cast<double>(found->second)});
  }
  return readings;
}

base::gauge_reading age_of(const char* kind, base::system_time since, base::system_time now) {
  const std::chrono::duration<double> age = std::max(now, since) - since;
  return {.labels = {{"kind", kind}}, .value = age.count()};
}

}

figure_watch::figure_watch(const services::service_tools& tools, base::metric_registry& metrics,
                           std::function<bool()> counts_for_all)
    : tools_(tools), counts_for_all_(std::move(counts_for_all)) {
  add_gauges(metrics);
}

void figure_watch::add_gauges(base::metric_registry& metrics) {
  metrics.add_callback_gauges(
      {.name = "httvps_backend_keys",
       .help = "Access keys of gateways on nodes by state, without those that were removed."},
      [this] { return key_counts(); });
  metrics.add_callback_gauges(
      {.name = "httvps_backend_key_age_seconds",
       .help = "Age of the oldest active access key, and of the key that signs."},
      [this] { return key_ages(); });
  metrics.add_callback_gauges(
      {.name = "httvps_backend_config_generation_skew",
       .help = "Most revisions by which the keys that a node in use runs are behind those wanted."},
      [this] { return key_lag(); });
  metrics.add_callback_gauges(
      {.name = "httvps_backend_subscriptions",
       .help = "Subscriptions by standing, counted anew a minute after the last count ended, 5000 "
               "a second, by the process that holds the lease usage_upkeep; shown by it alone."},
      [this] { return subscription_counts(); });
}

std::optional<figure_watch::figures> figure_watch::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

figure_watch::readings figure_watch::key_counts() const {
  const auto known = seen();
  return known ? counted(known->keys.by_state, shown_keys) : readings();
}

figure_watch::readings figure_watch::key_ages() const {
  const auto now = tools_.clock.system_now();
  const auto history = tools_.authority.history();
  readings ages{age_of("signing", history.signer_at(now).signs_from, now)};
  const auto known = seen();
  if (known && known->keys.oldest_active) {
    ages.push_back(age_of("access", *known->keys.oldest_active, now));
  }
  return ages;
}

figure_watch::readings figure_watch::subscription_counts() const {
  const bool is_shown = counts_for_all_();
  const std::scoped_lock lock(mutex_);
  return is_shown && subscriptions_ ? counted(*subscriptions_, shown_standings) : readings();
}

figure_watch::readings figure_watch::key_lag() const {
  const auto known = seen();
  return known ? readings{{.labels = {}, .value = static_cast<double>(known->widest_key_lag)}}
               : readings();
}

base::result<> figure_watch::look() {
  const bool has_keys = tools_.storage.schema_version() >= services::key_schema;
  HTTVPS_TRY(auto found,
             services::read_from(
                 tools_.storage, [&](services::repositories& tables) -> base::result<figures> {
                   figures read;
                   if (has_keys) {
                     HTTVPS_TRY(read.keys, tables.figures.keys());
                     HTTVPS_TRY(read.widest_key_lag, tables.figures.widest_key_lag());
                   }
                   return read;
                 }));
  const std::scoped_lock lock(mutex_);
  seen_ = std::move(found);
  return {};
}

void figure_watch::publish(std::optional<services::standing_counts> counts) {
  const std::scoped_lock lock(mutex_);
  subscriptions_ = std::move(counts);
}

base::result<> figure_watch::count_some() {
  if (!counts_for_all_()) {
    census_.reset();
    publish(std::nullopt);
    return {};
  }
  if (!census_) {
    census_ = census{.begins = tools_.clock.steady_now()};
  }
  if (tools_.clock.steady_now() < census_->begins) {
    return {};
  }
  HTTVPS_TRY(auto found, services::read_from(tools_.storage, [&](services::repositories& tables) {
               return tables.figures.subscriptions(census_->next, tools_.clock.system_now());
             }));
  for (const auto& [standing, total] : found.counts) {
    census_->so_far[standing] += total;
  }
  if (found.last) {
    census_->next.after = std::move(*found.last);
    return {};
  }
  publish(std::move(census_->so_far));
  census_ = census{.begins = tools_.clock.steady_now() + rest_between_counts};
  return {};
}

}
