#include "httvps/gateway/usage/allowance_desk.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "allowance_account.hpp"

namespace httvps::gateway {
namespace {

constexpr auto look_again = std::chrono::milliseconds(25);
constexpr auto retry_pause = std::chrono::seconds(1);
constexpr auto final_pause = std::chrono::seconds(10);
constexpr auto refused_pause = std::chrono::seconds(10);
constexpr auto first_grant_limit = std::chrono::seconds(6);
constexpr std::size_t items_most = 500;
constexpr std::size_t gates_kept = 64;
constexpr std::size_t accounts_most = 200'000;

base::duration pause_after(const lease_grant& grant, base::byte_count used) {
  if (grant.final) {
    return final_pause;
  }
  return grant.granted > used ? base::duration(0) : retry_pause;
}

std::shared_ptr<rate_gate> gate_for(std::weak_ptr<rate_gate>& known,
                                    std::optional<std::uint64_t> bits_per_second) {
  if (!bits_per_second) {
    return nullptr;
  }
  auto gate = known.lock();
  if (gate) {
    gate->change(*bits_per_second);
  } else {
    gate = std::make_shared<rate_gate>(*bits_per_second);
    known = gate;
  }
  return gate;
}

}

allowance_desk::allowance_desk(const net::executor& runs_on, allowance_desk_parts parts)
    : runs_on_(runs_on), parts_(std::move(parts)), wake_(runs_on) {}

allowance_desk::~allowance_desk() = default;

net::task<session_allowance> allowance_desk::open(allowance_request wanted) {
  return net::asio::co_spawn(runs_on_, open_here(std::move(wanted)), net::asio::use_awaitable);
}

net::task<session_allowance> allowance_desk::open_here(allowance_request wanted) {
  session_allowance allowed;
  if (wanted.up_bps || wanted.down_bps) {
    forget_unused_gates();
    auto& known = gates_[wanted.device_id];
    allowed.up = gate_for(known.up, wanted.up_bps);
    allowed.down = gate_for(known.down, wanted.down_bps);
  }
  if (wanted.quota) {
    if (accounts_.size() >= accounts_most && !accounts_.contains(wanted.subscription_id)) {
      co_return base::fail(base::errc::limit_reached);
    }
    allowed.quota = account_for(wanted);
    static_cast<void>(co_await wait_for_grant(&accounts_.at(wanted.subscription_id)));
  } else {
    allowed.quota = counted_for(wanted);
  }
  co_return allowed;
}

void allowance_desk::forget_unused_gates() {
  if (gates_.size() < look_at_gates_from_) {
    return;
  }
  std::erase_if(gates_, [](const auto& each) {
    return each.second.up.expired() && each.second.down.expired();
  });
  look_at_gates_from_ = 2 * gates_.size() + gates_kept;
}

allowance_desk::account& allowance_desk::account_of(const std::string& subscription) {
  auto& found = accounts_[subscription];
  if (const auto kept = former_.extract(subscription); kept && !found.heard) {
    found.last_remaining = kept.mapped().remaining;
    found.offline_before = kept.mapped().offline_used;
  }
  return found;
}

allowance_desk::account& allowance_desk::leased(const std::string& subscription) {
  if (auto counted = counted_.extract(subscription)) {
    accounts_.insert(std::move(counted));
  }
  auto& found = account_of(subscription);
  if (!found.shared->is_metered()) {
    found.offline_before = found.offline_used();
    found.shared->bind();
    found.heard = false;
    found.offline = false;
    found.ask_again = {};
  }
  return found;
}

std::shared_ptr<quota_account> allowance_desk::account_for(const allowance_request& wanted) {
  auto& found = leased(wanted.subscription_id);
  if (wanted.asked_at > found.granted_at) {
    found.last_remaining.reset();
  }
  found.terms = *wanted.quota;
  if (std::exchange(found.token, wanted.token) != wanted.token) {
    found.ask_again = {};
  }
  found.quota_named_at = std::max(found.quota_named_at, wanted.asked_at);
  return taken_up(found);
}

std::shared_ptr<quota_account> allowance_desk::taken_up(account& found) {
  if (found.is_unused()) {
    found.shared->reopen();
    found.heard = false;
    found.ask_again = found.offline ? found.ask_again : base::steady_time{};
  }
  found.released = false;
  wake_.notify();
  return found.shared;
}

std::shared_ptr<quota_account> allowance_desk::counted_for(const allowance_request& wanted) {
  if (const auto held = accounts_.find(wanted.subscription_id); held != accounts_.end()) {
    auto& found = held->second;
    if (wanted.asked_at > found.quota_named_at) {
      found.shared->release();
    }
    return found.shared->is_metered() ? taken_up(found) : found.shared;
  }
  if (counted_.size() >= counted_most && !counted_.contains(wanted.subscription_id)) {
    return nullptr;
  }
  auto& found = counted_[wanted.subscription_id];
  found.shared->release();
  return found.shared;
}

net::task<> allowance_desk::wait_for_grant(const account* opened) {
  const auto deadline = parts_.clock.steady_now() + first_grant_limit;
  const auto lacks_a_grant = [opened] {
    const auto& shared = *opened->shared;
    return shared.is_metered() && (opened->returning || (shared.left() == 0 && !shared.is_final()));
  };
  while (lacks_a_grant() && parts_.clock.steady_now() < deadline) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(parts_.clock.steady_now() + look_again));
  }
  co_return base::result<>();
}

net::task<> allowance_desk::run() {
  while (true) {
    const auto next = busy_ ? parts_.clock.steady_now() + look_again : net::no_deadline;
    const auto woken = co_await wake_.wait(next);
    if (!woken && woken.error() != net::errc::timed_out) {
      co_return woken;
    }
    auto items = due_items();
    if (!items.empty()) {
      static_cast<void>(co_await renew(std::move(items)));
    }
  }
}

std::vector<lease_item> allowance_desk::due_items() {
  std::vector<lease_item> items;
  const auto now = parts_.clock.steady_now();
  busy_ = false;
  for (auto& [subscription, each] : accounts_) {
    busy_ = busy_ || !each.released;
    const bool leaving = each.is_leaving();
    const bool due = leaving ? !each.released && now >= each.ask_again : each.is_due(now);
    if (due && items.size() < items_most) {
      each.returning = leaving;
      items.push_back({.subscription = subscription,
                       .used = each.shared->used(),
                       .want = leaving ? 0 : each.wanted(now),
                       .token = each.token});
    }
  }
  return items;
}

net::task<> allowance_desk::renew(std::vector<lease_item> items) {
  auto answer = co_await parts_.control.lease({.epoch = parts_.epoch, .items = items});
  if (answer) {
    parts_.probe.lease_renewals.add();
    take(*answer);
    co_return base::result<>();
  }
  parts_.probe.lease_failures.add();
  parts_.log.warn("quota_not_leased", {{"outcome", answer.error()}});
  go_offline(items);
  co_return base::fail(answer.error());
}

void allowance_desk::take(const lease_answer& answer) {
  for (const auto& grant : answer.items) {
    const auto found = accounts_.find(grant.subscription);
    if (found == accounts_.end()) {
      continue;
    }
    if (grant.refused) {
      refuse(found->second);
    } else {
      take(found->second, grant);
    }
    if (found->second.released && !found->second.shared->is_metered()) {
      counted_.insert(accounts_.extract(found));
    }
  }
}

void allowance_desk::take(account& each, const lease_grant& grant) const {
  const auto now = parts_.clock.steady_now();
  each.granted = grant.granted;
  const bool given_back = std::exchange(each.returning, false);
  each.used_at_grant = each.shared->used();
  each.granted_at = now;
  each.lasts = grant.lasts;
  each.released = given_back && each.is_leaving();
  each.heard = true;
  each.offline = false;
  each.offline_before = 0;
  each.last_remaining = grant.remaining;
  each.terms.remaining = grant.remaining;
  each.ask_again = now + (given_back && !grant.final ? base::duration(0)
                                                     : pause_after(grant, each.used_at_grant));
  each.shared->allow(each.granted);
  if (grant.final) {
    each.shared->finish(grant.end);
  } else {
    each.shared->reopen();
  }
}

void allowance_desk::refuse(account& each) const {
  parts_.probe.lease_failures.add();
  if (std::exchange(each.returning, false) && each.is_leaving()) {
    each.released = true;
    return;
  }
  if (!each.offline) {
    parts_.log.warn("quota_not_leased", {{"outcome", control_errc::lease_refused}});
  }
  each.go_on_alone(parts_.clock.steady_now() + refused_pause);
}

void allowance_desk::go_offline(const std::vector<lease_item>& items) {
  const auto again = parts_.clock.steady_now() + retry_pause;
  for (const auto& item : items) {
    const auto found = accounts_.find(item.subscription);
    if (found == accounts_.end()) {
      continue;
    }
    found->second.go_on_alone(again);
  }
}

}
