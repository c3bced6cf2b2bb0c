#include "httvps/backend/services/usage_roll_up.hpp"

#include <map>
#include <tuple>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/failpoints.hpp"
#include "usage_posting.hpp"

namespace httvps::backend::services {
namespace {

class hour_sums {
 public:
  void add(const models::gateway_id& gateway, const models::usage_delta& delta) {
    auto& sum = sums_[{delta.hour, delta.node, gateway}];
    sum = models::saturating_sum(sum, delta.added);
  }

  std::vector<models::hourly_share> shares() const {
    std::vector<models::hourly_share> all;
    all.reserve(sums_.size());
    for (const auto& [name, sum] : sums_) {
      all.push_back({.hour = std::get<0>(name),
                     .node = std::get<1>(name),
                     .gateway = std::get<2>(name),
                     .added = sum});
    }
    return all;
  }

 private:
  std::map<std::tuple<std::string, models::node_id, models::gateway_id>, models::traffic> sums_;
};

base::result<std::uint64_t> fold(repositories& tables, const std::vector<batch_name>& batches) {
  std::vector<models::usage_delta> deltas;
  hour_sums hours;
  for (const auto& batch : batches) {
    HTTVPS_TRY(const auto rows, tables.deltas.find(batch));
    for (const auto& delta : rows) {
      hours.add(batch.epoch.gateway, delta);
    }
    deltas.insert(deltas.end(), rows.begin(), rows.end());
  }
  HTTVPS_CHECK(tables.books.add_to_days(shares_by_day(deltas)));
  HTTVPS_CHECK(tables.books.add_to_hours(hours.shares()));
  HTTVPS_CHECK(tables.backlog.remove(batches));
  return deltas.size();
}

}

usage_roll_up::usage_roll_up(const service_tools& tools, roll_up_limits limits)
    : tools_(tools), limits_(limits), holder_(make_holder_name(tools.random)) {}

base::result<std::optional<worker_lease>> usage_roll_up::take() const {
  const lease_claim claim{
      .name = std::string(roll_up_lease_name), .holder = holder_, .term = limits_.term};
  return write_to(tools_.storage, [&](repositories& tables) {
    return take_lease(tables, claim, tools_.clock.system_now());
  });
}

base::result<roll_up_report> usage_roll_up::pass(const worker_lease& held) const {
  auto folded = write_to(tools_.storage, [&](repositories& tables) -> base::result<roll_up_report> {
    HTTVPS_CHECK(keep_lease(tables, held, tools_.clock.system_now()));
    HTTVPS_TRY(const auto batches, tables.backlog.oldest(limits_.batches_a_pass));
    HTTVPS_TRY(const auto rows, fold(tables, batches));
    if (!batches.empty()) {
      HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_roll_up_commit));
    }
    return roll_up_report{.batches = batches.size(), .rows = rows};
  });
  if (folded && folded->batches > 0) {
    HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_roll_up_commit));
  }
  return folded;
}

base::result<roll_up_report> usage_roll_up::run() const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return roll_up_report{.outcome = roll_up_outcome::schema_too_old};
  }
  roll_up_report all;
  for (std::size_t i = 0; i < limits_.passes; ++i) {
    HTTVPS_TRY(const auto held, take());
    if (!held) {
      all.outcome = roll_up_outcome::held_elsewhere;
      return all;
    }
    HTTVPS_TRY(const auto folded, pass(*held));
    all.batches += folded.batches;
    all.rows += folded.rows;
    if (folded.batches < limits_.batches_a_pass) {
      return all;
    }
  }
  return all;
}

base::result<usage_backlog_state> usage_roll_up::backlog() const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return usage_backlog_state{};
  }
  return read_from(tools_.storage, [](repositories& tables) { return tables.backlog.state(); });
}

}
