#include "httvps/backend/services/node_days.hpp"

#include <algorithm>

#include "key_issue.hpp"

namespace httvps::backend::services {

base::result<std::string> node_days::first_kept(repositories& tables) const {
  auto day = models::day_of(tools_.clock.system_now() - kept_);
  HTTVPS_TRY(const auto hour, tables.hours.oldest());
  if (hour) {
    day = std::min(day, models::day_of_hour(*hour));
  }
  HTTVPS_TRY(const auto waiting, tables.backlog.state());
  return waiting.oldest ? std::min(day, models::day_of(*waiting.oldest)) : day;
}

base::result<std::uint64_t> node_days::forget() const {
  if (!has_key_schema(tools_)) {
    return 0;
  }
  std::uint64_t removed = 0;
  for (int taken = 0; taken < most_forgetting_steps; ++taken) {
    HTTVPS_TRY(const auto rows,
               write_to(tools_.storage, [&](repositories& tables) -> base::result<std::uint64_t> {
                 HTTVPS_TRY(auto before, first_kept(tables));
                 return tables.key_counters.forget_days(
                     {.before = std::move(before), .most = most_node_rows_forgotten});
               }));
    removed += rows;
    if (rows < most_node_rows_forgotten) {
      break;
    }
  }
  return removed;
}

}
