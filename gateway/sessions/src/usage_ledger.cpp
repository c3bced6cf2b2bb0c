#include "httvps/gateway/sessions/usage_ledger.hpp"

#include <algorithm>

namespace httvps::gateway {
namespace {

constexpr base::byte_count row_overhead = 192;

}

base::byte_count usage_ledger::size_of(const row_name& name, const row& each) noexcept {
  return row_overhead + name.second.size() + each.token.size();
}

usage_row usage_ledger::snapshot_of(const row_name& name, const row& each) {
  return {.session = name.first,
          .node_id = name.second,
          .up = each.meter->up,
          .down = each.meter->down,
          .token = each.introduced ? std::string() : each.token,
          .final = each.closed};
}

std::shared_ptr<usage_meter> usage_ledger::open(std::uint64_t session, std::string node_id,
                                                std::string token) {
  const auto [place, is_new] =
      rows_.try_emplace({session, std::move(node_id)},
                        row{.meter = std::make_shared<usage_meter>(), .token = std::move(token)});
  if (is_new) {
    memory_ += size_of(place->first, place->second);
  }
  return place->second.meter;
}

void usage_ledger::close(std::uint64_t session) {
  auto place = rows_.lower_bound({session, std::string()});
  while (place != rows_.end() && place->first.first == session) {
    place->second.closed = true;
    place = forget_if_settled(place);
  }
}

usage_ledger::row_map::iterator usage_ledger::forget_if_settled(row_map::iterator place) {
  if (place->second.closed && !place->second.has_news()) {
    memory_ -= size_of(place->first, place->second);
    return rows_.erase(place);
  }
  return std::next(place);
}

std::vector<usage_row> usage_ledger::collect(std::size_t most) {
  std::vector<usage_row> news;
  auto place = rows_.upper_bound(last_collected_);
  for (std::size_t seen = 0; seen < rows_.size() && news.size() < most; ++seen) {
    place = place == rows_.end() ? rows_.begin() : place;
    if (place->second.has_news()) {
      news.push_back(snapshot_of(place->first, place->second));
    }
    last_collected_ = place->first;
    ++place;
  }
  return news;
}

void usage_ledger::acknowledge(const std::vector<usage_row>& taken) {
  for (const auto& each : taken) {
    const auto found = rows_.find({each.session, each.node_id});
    if (found == rows_.end()) {
      continue;
    }
    auto& held = found->second;
    held.introduced = true;
    held.ended = held.ended || each.final;
    held.taken_up = std::max(held.taken_up, each.up);
    held.taken_down = std::max(held.taken_down, each.down);
    forget_if_settled(found);
  }
}

}
