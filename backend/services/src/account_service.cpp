#include "httvps/backend/services/account_service.hpp"

#include <map>

#include "device_succession.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "life_cycles.hpp"

namespace httvps::backend::services {
namespace {

base::result<> require_open(const models::user& user, const models::plan& terms) {
  if (user.state == models::user_state::deleted) {
    return base::fail(errc::user_deleted);
  }
  return terms.retired_at ? base::fail(errc::plan_retired) : base::result<>();
}

base::result<> end_if_over(repositories& tables, const models::user_id& user,
                           base::system_time now) {
  HTTVPS_TRY(auto live, tables.subscriptions.find_live(user));
  if (!live) {
    return {};
  }
  if (!live->expires_at || *live->expires_at > now) {
    return base::fail(errc::subscription_exists);
  }
  live->state = models::subscription_state::ended;
  return tables.subscriptions.update(*live);
}

std::optional<base::system_time> end_of(const new_subscription& wanted, const models::plan& terms,
                                        base::system_time start) {
  if (wanted.expires_at || !terms.duration_days) {
    return wanted.expires_at;
  }
  return start + std::chrono::hours(24) * *terms.duration_days;
}

base::result<models::subscription> make_subscription(const new_subscription& wanted,
                                                     const models::plan& terms,
                                                     const service_tools& tools) {
  const auto now = tools.clock.system_now();
  const auto start = wanted.starts_at.value_or(now);
  const bool awaits_use = terms.start == models::plan_start::first_use && !wanted.starts_at;
  const auto end = awaits_use ? wanted.expires_at : end_of(wanted, terms, start);
  if (end && *end <= start) {
    return base::fail(errc::invalid_dates);
  }
  return models::subscription{.id = models::subscription_id::make(now, tools.random),
                              .user = wanted.user,
                              .plan = wanted.plan,
                              .state = models::subscription_state::active,
                              .suspended_at = {},
                              .starts_at = start,
                              .expires_at = end,
                              .created_at = now,
                              .awaits_use = awaits_use};
}

}

std::optional<base::byte_count> remaining_bytes(const subscription_report& report) noexcept {
  if (!report.terms.quota_bytes) {
    return std::nullopt;
  }
  const auto used = report.counted.total();
  return used >= *report.terms.quota_bytes ? 0 : *report.terms.quota_bytes - used;
}

subscription_report make_report(subscribed_plan held, const models::period_use& use,
                                base::system_time now) {
  auto& [subject, terms] = held;
  if (subject.quota_bytes) {
    terms.quota_bytes = subject.quota_bytes;
  }
  const auto period = models::period_start(terms.reset, subject.starts_at, now);
  const auto counted = subject.counted_of(use, period);
  const auto standing =
      models::standing_of({.subject = subject, .terms = terms, .used = counted, .now = now});
  const auto end = models::period_end(terms.reset, subject.starts_at, now);
  return {.subject = std::move(subject),
          .terms = std::move(terms),
          .used = use.used,
          .counted = counted,
          .period = period,
          .period_end = end,
          .standing = standing};
}

base::result<subscription_report> report_on(repositories& tables,
                                            const models::subscription& subject,
                                            base::system_time now) {
  HTTVPS_TRY(auto terms, required(tables.plans.find(subject.plan_at(now)), errc::plan_not_found));
  const auto period = models::period_start(terms.reset, subject.starts_at, now);
  HTTVPS_TRY(const auto use, tables.ledger.used({.subscription = subject.id, .period = period}));
  return make_report({.subject = subject, .terms = std::move(terms)}, use, now);
}

base::result<std::vector<subscription_report>> reports_on(
    repositories& tables, const std::vector<models::subscription>& subjects,
    base::system_time now) {
  std::map<models::plan_id, models::plan> plans;
  std::vector<period_name> periods;
  for (const auto& subject : subjects) {
    const auto& plan = subject.plan_at(now);
    if (!plans.contains(plan)) {
      HTTVPS_TRY(auto terms, required(tables.plans.find(plan), errc::plan_not_found));
      plans.emplace(plan, std::move(terms));
    }
    periods.push_back(
        {.subscription = subject.id,
         .period = models::period_start(plans.at(plan).reset, subject.starts_at, now)});
  }
  HTTVPS_TRY(const auto counts, tables.admissions.count(periods, now));
  std::vector<subscription_report> reports;
  reports.reserve(subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    reports.push_back(make_report(
        {.subject = subjects[i], .terms = plans.at(subjects[i].plan_at(now))}, counts[i].use, now));
  }
  return reports;
}

base::result<models::page<models::user>> account_service::users(const user_filter& filter) const {
  return read_from(tools_.storage, [&](repositories& tables) { return tables.users.list(filter); });
}

base::result<models::plan> account_service::add_plan(const admin_actor& actor,
                                                     const new_plan& wanted) const {
  auto made = wanted.terms;
  made.created_at = tools_.clock.system_now();
  made.id = models::plan_id::make(made.created_at, tools_.random);
  HTTVPS_CHECK(check_start(tools_, made));
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.plans.insert(made));
    return record_change(
        tables, tools_, actor,
        {.action = "plan.create", .object = made.id.text(), .after = audit_document(made)});
  }));
  return made;
}

base::result<models::page<models::plan>> account_service::plans(
    const models::page_request& wanted) const {
  return read_from(tools_.storage, [&](repositories& tables) { return tables.plans.list(wanted); });
}

base::result<subscription_report> account_service::add_subscription(
    const admin_actor& actor, const new_subscription& wanted) const {
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<subscription_report> {
    HTTVPS_TRY(const auto user, required(tables.users.find(wanted.user), errc::user_not_found));
    HTTVPS_TRY(const auto terms, required(tables.plans.find(wanted.plan), errc::plan_not_found));
    HTTVPS_CHECK(require_open(user, terms));
    HTTVPS_TRY(const auto made, make_subscription(wanted, terms, tools_));
    HTTVPS_CHECK(end_if_over(tables, wanted.user, now));
    HTTVPS_CHECK(tables.subscriptions.insert(made));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "subscription.create",
                                .object = made.id.text(),
                                .detail = made.user.text(),
                                .after = audit_document(made)}));
    HTTVPS_CHECK(
        take_devices_along({.tables = tables, .tools = tools_, .actor = actor}, made, terms));
    return report_on(tables, made, now);
  });
}

base::result<models::page<subscription_report>> account_service::subscriptions(
    const subscription_filter& filter) const {
  using report_page = models::page<subscription_report>;
  const auto now = tools_.clock.system_now();
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<report_page> {
    HTTVPS_TRY(auto found, tables.subscriptions.list(filter, now));
    HTTVPS_TRY(auto reports, reports_on(tables, found.items, now));
    return report_page{
        .items = std::move(reports), .more = found.more, .looked_to = std::move(found.looked_to)};
  });
}

base::result<subscription_report> account_service::subscription(
    const models::subscription_id& id) const {
  const auto now = tools_.clock.system_now();
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<subscription_report> {
    HTTVPS_TRY(const auto subject,
               required(tables.subscriptions.find(id), errc::subscription_not_found));
    return report_on(tables, subject, now);
  });
}

}
