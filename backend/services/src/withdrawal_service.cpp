#include "httvps/backend/services/withdrawal_service.hpp"

#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view version_setting = "revocation_version";

}

base::result<std::uint64_t> revocation_version(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(version_setting));
  return version_in(stored);
}

base::result<> advance_revocation_version(repositories& tables) {
  HTTVPS_TRY(const auto version, revocation_version(tables));
  return tables.settings.save(
      {.key = std::string(version_setting), .value = std::to_string(version + 1)});
}

base::result<withdrawn_devices> find_withdrawn(repositories& tables, base::system_time now) {
  HTTVPS_TRY(const auto version, revocation_version(tables));
  HTTVPS_TRY(auto found, tables.devices.list_withdrawn({.revoked_after = now - revocation_memory,
                                                        .most = most_withdrawn_devices}));
  return withdrawn_devices{.version = version,
                           .devices = std::move(found.devices),
                           .suspended = std::move(found.suspended)};
}

base::result<std::uint64_t> withdrawal_service::version() const {
  return read_from(tools_.storage, [](repositories& tables) { return revocation_version(tables); });
}

base::result<gateway_news> withdrawal_service::news() const {
  return read_from(tools_.storage, [](repositories& tables) -> base::result<gateway_news> {
    HTTVPS_TRY(const auto version, revocation_version(tables));
    HTTVPS_TRY(auto terms, find_terms_news(tables));
    return gateway_news{.revocation_version = version, .terms = std::move(terms)};
  });
}

base::result<models::user> withdrawal_service::change_user(const admin_actor& actor,
                                                           const models::user_id& id,
                                                           change wanted) const {
  const bool suspends = wanted == change::suspend;
  const auto state = suspends ? models::user_state::suspended : models::user_state::active;
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::user> {
    HTTVPS_TRY(auto known, required(tables.users.find(id), errc::user_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::user_state::deleted) {
      return base::fail(errc::user_deleted);
    }
    if (known.state == state) {
      return known;
    }
    auto before = audit_document(known);
    known.state = state;
    HTTVPS_CHECK(tables.users.update(known));
    HTTVPS_CHECK(advance_revocation_version(tables));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = suspends ? "user.suspend" : "user.resume",
                                .object = known.id.text(),
                                .before = std::move(before),
                                .after = audit_document(known)}));
    return known;
  });
}

base::result<subscription_report> withdrawal_service::change_subscription(
    const admin_actor& actor, const models::subscription_id& id, change wanted) const {
  const auto now = tools_.clock.system_now();
  const bool suspends = wanted == change::suspend;
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<subscription_report> {
    HTTVPS_TRY(auto known, required(tables.subscriptions.find(id), errc::subscription_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.suspended_at.has_value() == suspends) {
      return report_on(tables, known, now);
    }
    auto before = audit_document(known);
    known.suspended_at = suspends ? std::optional(now) : std::nullopt;
    HTTVPS_CHECK(tables.subscriptions.update(known));
    HTTVPS_CHECK(advance_revocation_version(tables));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = suspends ? "subscription.suspend" : "subscription.resume",
                                .object = known.id.text(),
                                .before = std::move(before),
                                .after = audit_document(known)}));
    return report_on(tables, known, now);
  });
}

base::result<models::user> withdrawal_service::suspend_user(const admin_actor& actor,
                                                            const models::user_id& id) const {
  return change_user(actor, id, change::suspend);
}

base::result<models::user> withdrawal_service::resume_user(const admin_actor& actor,
                                                           const models::user_id& id) const {
  return change_user(actor, id, change::resume);
}

base::result<subscription_report> withdrawal_service::suspend_subscription(
    const admin_actor& actor, const models::subscription_id& id) const {
  return change_subscription(actor, id, change::suspend);
}

base::result<subscription_report> withdrawal_service::resume_subscription(
    const admin_actor& actor, const models::subscription_id& id) const {
  return change_subscription(actor, id, change::resume);
}

}
