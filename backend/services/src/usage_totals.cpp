#include "httvps/backend/services/usage_totals.hpp"

#include <fmt/format.h>

namespace httvps::backend::services {

std::string usage_totals::name_of(const usage_filter& filter) {
  return fmt::format("{} {} {} {}", filter.first_day, filter.last_day,
                     filter.device ? filter.device->text() : "-",
                     filter.node ? filter.node->text() : "-");
}

std::optional<usage_sums> usage_totals::find(const usage_filter& filter,
                                             base::steady_time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = totals_.find(name_of(filter));
  if (found == totals_.end() || now - found->second.summed_at >= usage_total_memory) {
    return std::nullopt;
  }
  return found->second.sums;
}

void usage_totals::keep(const usage_filter& filter, const usage_sums& sums, base::steady_time now) {
  const auto name = name_of(filter);
  const std::lock_guard lock(mutex_);
  if (totals_.size() >= most_ && !totals_.contains(name)) {
    totals_.clear();
  }
  totals_.insert_or_assign(name, known{.sums = sums, .summed_at = now});
}

std::size_t usage_totals::size() const {
  const std::lock_guard lock(mutex_);
  return totals_.size();
}

}
