#include "httvps/gateway/usage/quota_memory.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "allowance_account.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"

namespace httvps::gateway {
namespace {

struct quota_view {
  std::string_view subscription;
  base::byte_count remaining = 0;
  base::byte_count offline_used = 0;
};

bool is_equal(const quota_view& seen, const quota_memory& kept) noexcept {
  return seen.subscription == kept.subscription && seen.remaining == kept.remaining &&
         seen.offline_used == kept.offline_used;
}

}

template <typename Visit>
void allowance_desk::visit_memory(const Visit& visit) const {
  for (const auto& [subscription, each] : former_) {
    visit(quota_view{.subscription = subscription,
                     .remaining = each.remaining,
                     .offline_used = each.offline_used});
  }
  std::size_t visited = former_.size();
  for (const auto& [subscription, each] : accounts_) {
    if (each.shared->is_metered() && visited < remembered_quotas_most) {
      ++visited;
      visit(quota_view{.subscription = subscription,
                       .remaining = each.last_remaining.value_or(each.terms.remaining),
                       .offline_used = each.offline_used()});
    }
  }
}

std::vector<quota_memory> allowance_desk::memory() const {
  std::vector<quota_memory> known;
  known.reserve(std::min(former_.size() + accounts_.size(), remembered_quotas_most));
  visit_memory([&known](const quota_view& each) {
    known.push_back({.subscription = std::string(each.subscription),
                     .remaining = each.remaining,
                     .offline_used = each.offline_used});
  });
  return known;
}

bool allowance_desk::remembers_just(const std::vector<quota_memory>& quotas) const {
  auto next = quotas.begin();
  bool is_same = true;
  visit_memory([&](const quota_view& each) {
    is_same = is_same && next != quotas.end() && is_equal(each, *next++);
  });
  return is_same && next == quotas.end();
}

void allowance_desk::remember(std::vector<quota_memory> quotas) {
  for (auto& each : quotas) {
    auto subscription = each.subscription;
    former_.insert_or_assign(std::move(subscription), std::move(each));
  }
}

}
