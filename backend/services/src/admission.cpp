#include "httvps/backend/services/admission.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/quota_service.hpp"

namespace httvps::backend::services {
namespace {

constexpr errc denials[] = {
    errc::device_revoked, errc::subscription_expired, errc::quota_exceeded,
    errc::device_limit,   errc::session_limit,        errc::region_denied,
    errc::token_expired,  errc::token_invalid,        errc::access_suspended};

using facts_list = std::vector<std::optional<admission_facts>>;

base::system_time period_of(const admission_facts& facts, base::system_time now) {
  return models::period_start(facts.terms.reset, facts.subject.starts_at, now);
}

std::vector<period_name> periods_of(const facts_list& all, base::system_time now) {
  std::vector<period_name> periods;
  for (const auto& each : all) {
    if (each) {
      periods.push_back({.subscription = each->subject.id, .period = period_of(*each, now)});
    }
  }
  return periods;
}

device_holder holder_of(admission_facts facts, const period_counts& counts, base::system_time now) {
  return {
      .device = std::move(facts.device),
      .user = std::move(facts.user),
      .subscription = make_report(
          {.subject = std::move(facts.subject), .terms = std::move(facts.terms)}, counts.use, now),
      .earlier_devices = facts.earlier_devices,
      .is_known_session = facts.is_known_session,
      .leased = counts.leased};
}

}

base::result<holder_list> load_holders(repositories& tables,
                                       std::span<const admission_query> wanted,
                                       base::system_time now) {
  HTTVPS_TRY(auto facts, tables.admissions.find(wanted, now));
  HTTVPS_TRY(const auto counts,
             tables.admissions.count(periods_of(facts, now), now - lease_settles_after));
  holder_list holders;
  holders.reserve(facts.size());
  std::size_t next = 0;
  for (auto& each : facts) {
    auto& holder = holders.emplace_back();
    if (each) {
      holder = holder_of(*std::move(each), counts[next++], now);
    }
  }
  return holders;
}

base::result<device_holder> load_holder(repositories& tables, const models::device_id& device,
                                        base::system_time now) {
  const admission_query wanted[] = {{.device = device}};
  HTTVPS_TRY(auto holders, load_holders(tables, wanted, now));
  if (!holders.front()) {
    return base::fail(errc::token_invalid);
  }
  return *std::move(holders.front());
}

std::optional<base::byte_count> device_holder::unleased() const noexcept {
  const auto left = remaining_bytes(subscription);
  if (!left) {
    return std::nullopt;
  }
  return *left > leased ? *left - leased : 0;
}

void begin_use(device_holder& holder, base::system_time now) {
  auto& held = holder.subscription;
  held = make_report(
      {.subject = models::begun_at(std::move(held.subject), held.terms, now), .terms = held.terms},
      {.used = held.used, .forgiven = {}}, now);
}

base::result<> check_subscription(const subscription_report& report) {
  using standing = models::subscription_standing;
  if (report.standing == standing::limited) {
    return base::fail(errc::quota_exceeded);
  }
  const bool may_begin = report.standing == standing::pending && report.subject.awaits_use;
  if (report.standing == standing::suspended) {
    return base::fail(errc::access_suspended);
  }
  if (report.standing != standing::active && !may_begin) {
    return base::fail(errc::subscription_expired);
  }
  return {};
}

base::result<> check_admission(const device_holder& holder, std::string_view region) {
  if (holder.device.state == models::device_state::revoked) {
    return base::fail(errc::device_revoked);
  }
  if (holder.user.state != models::user_state::active) {
    return base::fail(errc::access_suspended);
  }
  HTTVPS_CHECK(check_subscription(holder.subscription));
  if (holder.earlier_devices >= holder.subscription.terms.device_limit) {
    return base::fail(errc::device_limit);
  }
  if (!holder.subscription.terms.covers_region(region)) {
    return base::fail(errc::region_denied);
  }
  return {};
}

bool is_denial(const std::error_code& failure) noexcept {
  return std::ranges::any_of(denials, [&](errc code) { return failure == code; });
}

}
