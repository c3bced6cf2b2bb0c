#include "httvps/backend/services/usage_upkeep.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::seconds upkeep_term{10};

base::result<std::uint64_t> forget_batches(repositories& tables, base::system_time before) {
  HTTVPS_TRY(const auto settled,
             tables.archive.settled({.before = before, .most = most_batches_forgotten}));
  HTTVPS_CHECK(tables.archive.remove(settled));
  return settled.size();
}

base::result<std::uint64_t> forget_hours(repositories& tables, base::system_time before) {
  const auto first_kept = models::hour_of(before);
  for (std::uint64_t removed = 0; removed < most_hours_forgotten; ++removed) {
    HTTVPS_TRY(const auto oldest, tables.hours.oldest());
    if (!oldest || *oldest >= first_kept) {
      return removed;
    }
    HTTVPS_CHECK(tables.hours.remove(*oldest));
  }
  return most_hours_forgotten;
}

}

usage_upkeep::usage_upkeep(const service_tools& tools, const usage_retention& retention)
    : tools_(tools), retention_(retention), holder_(make_holder_name(tools.random)) {}

void usage_upkeep::use(const usage_retention& retention) {
  const std::lock_guard lock(mutex_);
  retention_ = retention;
}

usage_retention usage_upkeep::retention() const {
  const std::lock_guard lock(mutex_);
  return retention_;
}

base::result<upkeep_report> usage_upkeep::forget(repositories& tables,
                                                 base::system_time now) const {
  HTTVPS_TRY(
      const auto held,
      take_lease(tables,
                 {.name = std::string(upkeep_lease_name), .holder = holder_, .term = upkeep_term},
                 now));
  if (!held) {
    return upkeep_report{};
  }
  const auto kept = retention();
  HTTVPS_TRY(const auto batches, forget_batches(tables, now - kept.journal));
  HTTVPS_TRY(const auto hours, forget_hours(tables, now - kept.hours));
  return upkeep_report{.batches = batches, .hours = hours};
}

base::result<upkeep_report> usage_upkeep::run() const {
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return upkeep_report{};
  }
  return write_to(tools_.storage,
                  [&](repositories& tables) { return forget(tables, tools_.clock.system_now()); });
}

base::result<std::uint64_t> usage_upkeep::missing_batches() const {
  return read_from(tools_.storage,
                   [](repositories& tables) { return tables.archive.missing_batches(); });
}

}
