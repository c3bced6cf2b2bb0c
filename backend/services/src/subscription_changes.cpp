#include <algorithm>

#include "httvps/backend/services/account_service.hpp"
#include "life_cycles.hpp"

namespace httvps::backend::services {
namespace {

using std::chrono::days;

constexpr base::system_time latest_end =
    std::chrono::sys_days(std::chrono::year(2199) / std::chrono::December / std::chrono::day(31));

base::result<models::subscription> open_subscription(const change_scope& scope,
                                                     const models::subscription_id& id) {
  HTTVPS_TRY(auto known,
             required(scope.tables.subscriptions.find(id), errc::subscription_not_found));
  HTTVPS_CHECK(require_match(scope.actor, tag_of(known)));
  if (known.state != models::subscription_state::active) {
    return base::fail(errc::subscription_over);
  }
  return known;
}

base::result<models::plan> plan_to_change_to(repositories& tables, const models::plan_id& wanted,
                                             const models::subscription& subject) {
  HTTVPS_TRY(auto terms, required(tables.plans.find(wanted), errc::plan_not_found));
  const bool stays = wanted == subject.plan;
  if (terms.retired_at && !stays) {
    return base::fail(errc::plan_retired);
  }
  return terms;
}

models::subscription settled(models::subscription subject, base::system_time now) {
  if (subject.next && subject.next->at <= now) {
    subject.plan = subject.next->plan;
    subject.next.reset();
  }
  return subject;
}

base::result<std::optional<models::planned_change>> planned(repositories& tables,
                                                            const models::subscription& subject,
                                                            const models::plan_id& wanted,
                                                            base::system_time now) {
  HTTVPS_CHECK(plan_to_change_to(tables, wanted, subject));
  HTTVPS_TRY(const auto terms, required(tables.plans.find(subject.plan), errc::plan_not_found));
  const auto end = models::period_end(terms.reset, subject.starts_at, now);
  if (!end) {
    return base::fail(errc::period_endless);
  }
  return std::optional(models::planned_change{.plan = wanted, .at = *end});
}

base::result<models::subscription> amended_subscription(repositories& tables,
                                                        models::subscription subject,
                                                        const subscription_amendment& wanted,
                                                        base::system_time now) {
  amend(subject.expires_at, wanted.expires_at);
  amend(subject.quota_bytes, wanted.quota_bytes);
  if (subject.expires_at && *subject.expires_at <= subject.starts_at) {
    return base::fail(errc::invalid_dates);
  }
  if (wanted.plan) {
    HTTVPS_CHECK(plan_to_change_to(tables, *wanted.plan, subject));
    subject.plan = *wanted.plan;
    subject.next.reset();
  }
  if (wanted.next_plan && *wanted.next_plan) {
    HTTVPS_TRY(subject.next, planned(tables, subject, **wanted.next_plan, now));
  } else if (wanted.next_plan) {
    subject.next.reset();
  }
  return subject;
}

base::result<> require_reach(const admin_actor& actor, days wanted) {
  const bool may =
      wanted <= longest_support_extension || models::reaches(actor.role, models::admin_role::admin);
  return may ? base::result<>() : base::fail(errc::extension_too_long);
}

base::result<> forgive(repositories& tables, const service_tools& tools,
                       const subscription_report& report) {
  return tools.storage.schema_version() < period_reset_schema
             ? base::result<>()
             : tables.books.forgive({.subscription = report.subject.id, .period = report.period},
                                    report.used);
}

struct open_change {
  const admin_actor& actor;
  const models::subscription_id& id;
  std::string_view action;
};

template <typename Change>
base::result<subscription_report> change_open(const service_tools& tools, const open_change& order,
                                              Change change) {
  HTTVPS_CHECK(require_life_cycles(tools));
  const auto now = tools.clock.system_now();
  return write_to(tools.storage, [&](repositories& tables) -> base::result<subscription_report> {
    const change_scope scope{.tables = tables, .tools = tools, .actor = order.actor};
    HTTVPS_TRY(const auto known, open_subscription(scope, order.id));
    HTTVPS_TRY(const auto changed, change(tables, known));
    HTTVPS_TRY(const bool differs,
               save_amendment(scope, tables.subscriptions,
                              record_amendment<models::subscription>{
                                  .action = order.action, .before = known, .after = changed}));
    if (differs) {
      HTTVPS_CHECK(note_changed_terms(tables, order.id.text()));
    }
    return report_on(tables, changed, now);
  });
}

using changed_subscription = base::result<models::subscription>;

}

base::result<subscription_report> account_service::change_subscription(
    const admin_actor& actor, const models::subscription_id& id,
    const subscription_amendment& wanted) const {
  const auto now = tools_.clock.system_now();
  return change_open(
      tools_, {.actor = actor, .id = id, .action = "subscription.change"},
      [&](repositories& tables, const models::subscription& known) -> changed_subscription {
        if (wanted.is_empty()) {
          return known;
        }
        return amended_subscription(tables, settled(known, now), wanted, now);
      });
}

base::result<subscription_report> account_service::extend_subscription(
    const admin_actor& actor, const models::subscription_id& id, days wanted) const {
  HTTVPS_CHECK(require_reach(actor, wanted));
  const auto now = tools_.clock.system_now();
  return change_open(tools_, {.actor = actor, .id = id, .action = "subscription.extend"},
                     [&](repositories&, const models::subscription& known) -> changed_subscription {
                       if (!known.expires_at) {
                         return base::fail(errc::subscription_endless);
                       }
                       auto extended = known;
                       extended.expires_at = std::max(*known.expires_at, now) + wanted;
                       if (*extended.expires_at > latest_end) {
                         return base::fail(errc::invalid_dates);
                       }
                       return extended;
                     });
}

base::result<subscription_report> account_service::reset_usage(
    const admin_actor& actor, const models::subscription_id& id) const {
  const auto now = tools_.clock.system_now();
  return change_open(
      tools_, {.actor = actor, .id = id, .action = "subscription.reset_usage"},
      [&](repositories& tables, const models::subscription& known) -> changed_subscription {
        HTTVPS_TRY(const auto report, report_on(tables, known, now));
        HTTVPS_CHECK(forgive(tables, tools_, report));
        auto reset = known;
        reset.forgiven = models::forgiven_usage{.period = report.period, .counted = report.used};
        return reset;
      });
}

base::result<subscription_report> account_service::cancel_subscription(
    const admin_actor& actor, const models::subscription_id& id) const {
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<subscription_report> {
    const change_scope scope{.tables = tables, .tools = tools_, .actor = actor};
    HTTVPS_TRY(const auto known,
               required(tables.subscriptions.find(id), errc::subscription_not_found));
    if (known.state == models::subscription_state::cancelled) {
      HTTVPS_CHECK(require_match(actor, tag_of(known)));
      return report_on(tables, known, now);
    }
    HTTVPS_CHECK(open_subscription(scope, id));
    HTTVPS_TRY(const auto cancelled, cancel_in(scope, known));
    return report_on(tables, cancelled, now);
  });
}

}
