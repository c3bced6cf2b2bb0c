#include "httvps/gateway/app/outcome_reporter.hpp"

#include <map>
#include <utility>

#include "httvps/base/clock.hpp"

namespace httvps::gateway {

std::vector<node_outcome> merge_outcomes(const std::vector<node_outcome>& all) {
  std::map<std::string, node_outcome> merged;
  for (const auto& each : all) {
    auto& sum = merged[each.node_id];
    sum.node_id = each.node_id;
    sum.succeeded += each.succeeded;
    sum.failed += each.failed;
    sum.took += each.took;
  }
  std::vector<node_outcome> outcomes;
  for (auto& [id, each] : merged) {
    if (outcomes.size() < outcomes_most) {
      outcomes.push_back(std::move(each));
    }
  }
  return outcomes;
}

net::task<> outcome_reporter::run() {
  while (true) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + outcome_interval));
    if (const auto told = co_await report(); !told) {
      log_.warn("outcomes_not_reported", {{"outcome", told.error()}});
    }
  }
}

net::task<> outcome_reporter::report() {
  std::vector<node_outcome> all;
  for (auto* source : sources_) {
    HTTVPS_CO_TRY(auto some, co_await source->collect_outcomes(outcomes_most));
    all.insert(all.end(), some.begin(), some.end());
  }
  auto outcomes = merge_outcomes(all);
  if (outcomes.empty()) {
    co_return base::result<void>();
  }
  co_return co_await control_.report_outcomes(std::move(outcomes));
}

}
