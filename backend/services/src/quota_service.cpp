#include "httvps/backend/services/quota_service.hpp"

#include <algorithm>
#include <span>

#include "httvps/backend/services/errc.hpp"
#include "proven_holder.hpp"

namespace httvps::backend::services {
namespace {

struct lease_caller {
  epoch_name epoch;
  base::system_time asked_at;
};

base::byte_count difference(base::byte_count more, base::byte_count less) noexcept {
  return more > less ? more - less : 0;
}

bool is_held_by(const models::quota_lease& lease, const epoch_name& epoch) {
  return lease.gateway == epoch.gateway && lease.epoch == epoch.epoch;
}

using open_list = std::vector<models::quota_lease>;

base::byte_count budget_for(const subscription_report& report, const lease_caller& caller,
                            const open_list& open) {
  if (!report.terms.quota_bytes) {
    return models::largest_counter;
  }
  auto left = difference(*report.terms.quota_bytes, report.counted.total());
  for (const auto& lease : open) {
    if (!is_held_by(lease, caller.epoch)) {
      left = difference(left, lease.outstanding());
    }
  }
  return left;
}

struct lease_standing {
  models::lease_terms terms;
  errc end = errc::quota_exceeded;
};

errc end_of(const subscription_report& report, const models::user& user) {
  using standing = models::subscription_standing;
  if (user.state != models::user_state::active || report.standing == standing::suspended) {
    return errc::access_suspended;
  }
  const bool is_served =
      report.standing == standing::active || report.standing == standing::limited;
  return is_served ? errc::quota_exceeded : errc::subscription_expired;
}

base::result<lease_standing> standing_for(repositories& tables, const models::subscription& subject,
                                          const lease_caller& caller, const open_list& open) {
  HTTVPS_TRY(const auto report, report_on(tables, subject, caller.asked_at));
  HTTVPS_TRY(const auto user, required(tables.users.find(subject.user), errc::user_not_found));
  const auto end = end_of(report, user);
  const auto mood =
      end == errc::quota_exceeded ? models::lease_mood::grants : models::lease_mood::only_settles;
  return lease_standing{.terms = {.budget = budget_for(report, caller, open), .mood = mood},
                        .end = end};
}

granted_lease nothing_for(const wanted_lease& wanted, lease_outlook outlook) {
  return {.subscription = wanted.subscription,
          .granted = wanted.used,
          .remaining = 0,
          .outlook = outlook,
          .end = errc::subscription_expired};
}

base::result<bool> may_lease(repositories& tables, const service_tools& tools,
                             const lease_caller& caller, const wanted_lease& wanted,
                             const open_list& open) {
  const auto of_gateway =
      std::ranges::count(open, caller.epoch.gateway, &models::quota_lease::gateway);
  if (!wanted.token || !std::cmp_less(of_gateway, leases_of_a_gateway_most)) {
    return false;
  }
  const auto holder = proven_holder(tools, caller.epoch.gateway, *wanted.token);
  if (!holder) {
    return false;
  }
  HTTVPS_TRY(const auto device, tables.devices.find(*holder));
  return device && device->state == models::device_state::active &&
         device->subscription == wanted.subscription;
}

base::result<granted_lease> lease_one(repositories& tables, const service_tools& tools,
                                      const lease_caller& caller, const wanted_lease& wanted) {
  HTTVPS_TRY(const auto subject, tables.subscriptions.find(wanted.subscription));
  if (!subject) {
    return nothing_for(wanted, lease_outlook::final);
  }
  HTTVPS_TRY(const auto held, tables.quota_leases.find(
                                  {.epoch = caller.epoch, .subscription = wanted.subscription}));
  HTTVPS_TRY(const auto open,
             tables.quota_leases.list({.subscription = wanted.subscription,
                                       .renewed_after = caller.asked_at - lease_settles_after}));
  HTTVPS_TRY(const bool may,
             held ? base::result<bool>(true) : may_lease(tables, tools, caller, wanted, open));
  if (!may) {
    return nothing_for(wanted, lease_outlook::refused);
  }
  HTTVPS_TRY(const auto standing, standing_for(tables, *subject, caller, open));
  const models::quota_lease fresh{.gateway = caller.epoch.gateway,
                                  .epoch = caller.epoch.epoch,
                                  .subscription = wanted.subscription};
  const auto made =
      models::decide_lease(held.value_or(fresh), standing.terms,
                           {.used = wanted.used, .want = wanted.want, .asked_at = caller.asked_at});
  if (held || made.lease.granted > 0) {
    HTTVPS_CHECK(tables.quota_leases.save(made.lease));
  }
  return granted_lease{
      .subscription = wanted.subscription,
      .granted = made.lease.granted,
      .remaining = made.remaining,
      .outlook = made.remaining == 0 ? lease_outlook::final : lease_outlook::more_to_come,
      .end = standing.end};
}

base::result<lease_list> lease_some(repositories& tables, const service_tools& tools,
                                    const lease_caller& caller,
                                    std::span<const wanted_lease> items) {
  lease_list granted;
  granted.reserve(items.size());
  for (const auto& each : items) {
    HTTVPS_TRY(auto one, lease_one(tables, tools, caller, each));
    granted.push_back(std::move(one));
  }
  return granted;
}

}

base::result<> settle_dead_epochs(repositories& tables, const epoch_name& heard,
                                  base::system_time now) {
  return tables.quota_leases.settle(
      {.heard = heard, .heard_before = now - successor_heard_for, .silence = lease_lasts});
}

base::result<lease_list> quota_service::lease(const models::gateway& gateway,
                                              const lease_order& order) const {
  const lease_caller caller{.epoch = {.gateway = gateway.id, .epoch = order.epoch},
                            .asked_at = tools_.clock.system_now()};
  lease_list granted;
  std::span<const wanted_lease> waiting = order.items;
  while (!waiting.empty()) {
    const auto now = waiting.first(std::min(waiting.size(), leases_a_transaction));
    waiting = waiting.subspan(now.size());
    HTTVPS_TRY(const auto some, write_to(tools_.storage, [&](repositories& tables) {
                 return lease_some(tables, tools_, caller, now);
               }));
    granted.insert(granted.end(), some.begin(), some.end());
  }
  return granted;
}

base::result<> quota_service::forget_old_leases() const {
  const auto oldest = tools_.clock.system_now() - lease_memory;
  return tools_.storage.write(
      [&](repositories& tables) { return tables.quota_leases.forget_before(oldest); });
}

}
