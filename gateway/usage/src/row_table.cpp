#include "row_table.hpp"

#include <algorithm>

namespace httvps::gateway {
namespace {

constexpr base::byte_count text_around_a_row = 144;

bool is_covered(const usage_row& held, const usage_row& sealed) noexcept {
  return held.up <= sealed.up && held.down <= sealed.down && (sealed.final || !held.final);
}

}

base::byte_count reported_size(const usage_row& row) noexcept {
  return text_around_a_row + row.node_id.size() + row.token.size();
}

std::vector<std::vector<usage_row>> portions_of(const std::vector<usage_row>& rows,
                                                const batch_limits& limits) {
  std::vector<std::vector<usage_row>> portions;
  base::byte_count bytes = 0;
  for (const auto& each : rows) {
    const auto size = reported_size(each);
    if (portions.empty() || portions.back().size() >= limits.rows || bytes + size > limits.bytes) {
      portions.emplace_back();
      bytes = 0;
    }
    portions.back().push_back(each);
    bytes += size;
  }
  return portions;
}

void row_table::merge(const std::vector<usage_row>& rows) {
  for (const auto& each : rows) {
    const auto [place, fresh] = rows_.try_emplace({each.session, each.node_id}, each);
    auto& held = place->second;
    if (!fresh) {
      bytes_ -= reported_size(held);
      held.up = std::max(held.up, each.up);
      held.down = std::max(held.down, each.down);
      held.token = each.token.empty() ? held.token : each.token;
      held.final = held.final || each.final;
    }
    bytes_ += reported_size(held);
  }
}

void row_table::settle(const std::vector<usage_row>& sealed) {
  for (const auto& each : sealed) {
    const auto found = rows_.find({each.session, each.node_id});
    if (found != rows_.end() && is_covered(found->second, each)) {
      bytes_ -= reported_size(found->second);
      rows_.erase(found);
    }
  }
}

std::vector<usage_row> row_table::first(const batch_limits& limits) const {
  std::vector<usage_row> chosen;
  base::byte_count bytes = 0;
  for (const auto& [name, row] : rows_) {
    bytes += reported_size(row);
    if (chosen.size() >= limits.rows || (bytes > limits.bytes && !chosen.empty())) {
      break;
    }
    chosen.push_back(row);
  }
  return chosen;
}

std::vector<usage_row> row_table::all() const {
  std::vector<usage_row> rows;
  rows.reserve(rows_.size());
  for (const auto& [name, row] : rows_) {
    rows.push_back(row);
  }
  return rows;
}

void row_table::clear() noexcept {
  rows_.clear();
  bytes_ = 0;
}

}
