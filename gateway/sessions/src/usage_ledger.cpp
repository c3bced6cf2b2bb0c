#include "httvps/gateway/sessions/usage_ledger.hpp"

#include <algorithm>

namespace httvps::gateway {
namespace {

constexpr base::byte_count row_overhead = 160;

}

base::byte_count usage_ledger::size_of(const row& each) noexcept {
  return row_overhead + each.usage.node_id.size() + each.usage.token.size();
}

void usage_ledger::open(std::uint64_t session, std::string node_id, std::string token) {
  row fresh;
  fresh.usage.session = session;
  fresh.usage.node_id = std::move(node_id);
  fresh.usage.token = std::move(token);
  const auto size = size_of(fresh);
  if (rows_.try_emplace(session, std::move(fresh)).second) {
    memory_ += size;
  }
}

void usage_ledger::add_up(std::uint64_t session, base::byte_count bytes) noexcept {
  if (const auto found = rows_.find(session); found != rows_.end()) {
    found->second.usage.up += bytes;
  }
}

void usage_ledger::add_down(std::uint64_t session, base::byte_count bytes) noexcept {
  if (const auto found = rows_.find(session); found != rows_.end()) {
    found->second.usage.down += bytes;
  }
}

void usage_ledger::close(std::uint64_t session) {
  const auto found = rows_.find(session);
  if (found != rows_.end()) {
    found->second.closed = true;
    forget_if_settled(found);
  }
}

void usage_ledger::forget_if_settled(std::map<std::uint64_t, row>::iterator place) {
  if (place->second.closed && !place->second.has_news()) {
    memory_ -= size_of(place->second);
    rows_.erase(place);
  }
}

std::vector<session_usage> usage_ledger::collect(std::size_t most) {
  std::vector<session_usage> news;
  auto place = rows_.upper_bound(last_collected_);
  for (std::size_t seen = 0; seen < rows_.size() && news.size() < most; ++seen) {
    place = place == rows_.end() ? rows_.begin() : place;
    const auto& each = place->second;
    if (each.has_news()) {
      news.push_back(each.usage);
      if (each.introduced) {
        news.back().token.clear();
      }
    }
    last_collected_ = place->first;
    ++place;
  }
  return news;
}

void usage_ledger::acknowledge(const std::vector<session_usage>& reported) {
  for (const auto& each : reported) {
    const auto found = rows_.find(each.session);
    if (found == rows_.end()) {
      continue;
    }
    auto& held = found->second;
    held.introduced = true;
    held.acknowledged_up = std::max(held.acknowledged_up, each.up);
    held.acknowledged_down = std::max(held.acknowledged_down, each.down);
    forget_if_settled(found);
  }
}

}
