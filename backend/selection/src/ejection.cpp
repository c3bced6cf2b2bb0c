#include "httvps/backend/selection/ejection.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace httvps::backend::selection {
namespace {

constexpr std::chrono::seconds first_ejection{30};
constexpr std::chrono::seconds longest_ejection{300};

std::uint64_t attempts_of(const connect_record& record) noexcept {
  return record.succeeded + record.failed;
}

double success_of(const connect_record& record) noexcept {
  const auto attempts = attempts_of(record);
  return attempts == 0 ? 1 : static_cast<double>(record.succeeded) / static_cast<double>(attempts);
}

std::optional<double> least_success(std::span<const connect_record> records) {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (const auto& each : records) {
    if (attempts_of(each) >= attempts_to_compare) {
      const double success = success_of(each);
      sum += success;
      squares += success * success;
      ++count;
    }
  }
  if (count < static_cast<double>(members_to_compare)) {
    return std::nullopt;
  }
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(0.0, squares / count - mean * mean));
  return mean - std::max(deviations_to_eject * deviation, least_shortfall);
}

}

std::vector<ejection> find_failing(std::span<const connect_record> records) {
  const auto least = least_success(records);
  std::vector<ejection> failing;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].failed_in_a_row >= failures_to_eject) {
      failing.push_back({.index = i, .cause = ejection_cause::failures_in_a_row});
    } else if (least && attempts_of(records[i]) >= attempts_to_compare &&
               success_of(records[i]) < *least) {
      failing.push_back({.index = i, .cause = ejection_cause::low_success});
    }
  }
  std::ranges::sort(failing, {}, [&](const ejection& each) {
    return std::pair(success_of(records[each.index]), each.index);
  });
  return failing;
}

std::size_t most_ejected(std::size_t members) noexcept {
  return members / ejected_share;
}

base::duration ejection_time(std::uint32_t count) noexcept {
  return std::min<base::duration>(first_ejection * count, longest_ejection);
}

}
