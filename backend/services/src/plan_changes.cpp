#include "httvps/backend/services/account_service.hpp"
#include "life_cycles.hpp"

namespace httvps::backend::services {
namespace {

models::plan amended_plan(models::plan terms, const plan_amendment& wanted) {
  amend(terms.code, wanted.code);
  amend(terms.name, wanted.name);
  amend(terms.quota_bytes, wanted.quota_bytes);
  amend(terms.offline_bytes, wanted.offline_bytes);
  amend(terms.reset, wanted.reset);
  amend(terms.duration_days, wanted.duration_days);
  amend(terms.device_limit, wanted.device_limit);
  amend(terms.session_limit, wanted.session_limit);
  amend(terms.up_bps, wanted.up_bps);
  amend(terms.down_bps, wanted.down_bps);
  amend(terms.regions, wanted.regions);
  amend(terms.start, wanted.start);
  return terms;
}

}

base::result<models::plan> account_service::plan(const models::plan_id& id) const {
  return required(
      read_from(tools_.storage, [&](repositories& tables) { return tables.plans.find(id); }),
      errc::plan_not_found);
}

base::result<models::plan> account_service::change_plan(const admin_actor& actor,
                                                        const models::plan_id& id,
                                                        const plan_amendment& wanted) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::plan> {
    HTTVPS_TRY(const auto known, required(tables.plans.find(id), errc::plan_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto changed = amended_plan(known, wanted);
    HTTVPS_CHECK(check_start(tools_, changed));
    HTTVPS_TRY(const bool differs,
               save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.plans,
                              record_amendment<models::plan>{
                                  .action = "plan.change", .before = known, .after = changed}));
    if (differs) {
      HTTVPS_CHECK(note_changed_terms(tables, id.text()));
    }
    return changed;
  });
}

base::result<models::plan> account_service::offer_plan(const admin_actor& actor,
                                                       const models::plan_id& id,
                                                       plan_offer wanted) const {
  HTTVPS_CHECK(require_life_cycles(tools_));
  const bool retires = wanted == plan_offer::withdrawn;
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::plan> {
    HTTVPS_TRY(const auto known, required(tables.plans.find(id), errc::plan_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.retired_at.has_value() == retires) {
      return known;
    }
    auto changed = known;
    changed.retired_at = retires ? std::optional(tools_.clock.system_now()) : std::nullopt;
    HTTVPS_CHECK(save_amendment(
        {.tables = tables, .tools = tools_, .actor = actor}, tables.plans,
        record_amendment<models::plan>{.action = retires ? "plan.retire" : "plan.restore",
                                       .before = known,
                                       .after = changed}));
    return changed;
  });
}

base::result<> account_service::remove_plan(const admin_actor& actor,
                                            const models::plan_id& id) const {
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, required(tables.plans.find(id), errc::plan_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_TRY(const bool is_used, tables.subscriptions.refer_to(id));
    if (is_used) {
      return base::fail(errc::plan_in_use);
    }
    HTTVPS_CHECK(tables.plans.remove(id));
    return record_change(
        tables, tools_, actor,
        {.action = "plan.delete", .object = id.text(), .before = audit_document(known)});
  });
}

}
