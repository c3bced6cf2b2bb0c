#include <algorithm>
#include <iterator>
#include <utility>

#include "application_state.hpp"
#include "httvps/backend/services/invitation_upkeep.hpp"
#include "httvps/backend/services/shared_proofs.hpp"
#include "run_time_settings.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::chrono::hours maintenance_pause{1};
constexpr std::chrono::minutes upkeep_pause{1};
constexpr std::chrono::seconds key_set_round{5};
constexpr std::chrono::seconds admissions_round{1};
constexpr std::chrono::seconds postings_round{1};
constexpr std::chrono::seconds standings_round{1};
constexpr std::chrono::minutes cross_check_pause{10};
constexpr std::string_view forget_duty = "forget";
constexpr std::string_view audit_duty = "audit";
constexpr std::string_view keys_duty = "keys";
constexpr std::string_view signing_duty = "signing_keys";
constexpr std::string_view rewrap_duty = "rewrap";
constexpr std::string_view managed_duty = "managed_nodes";

}

std::vector<services::duty_claim> application::state::duties_of(const usage_keeper& keeper) {
  return {{.name = std::string(forget_duty), .holder = {}},
          {.name = std::string(audit_duty), .holder = {}},
          {.name = std::string(keys_duty), .holder = {}},
          {.name = std::string(signing_duty), .holder = {}},
          {.name = std::string(rewrap_duty), .holder = {}},
          {.name = std::string(managed_duty), .holder = {}},
          {.name = std::string(services::upkeep_lease_name), .holder = keeper.upkeep_holder()}};
}

base::result<> application::state::heed_settings() {
  settings_of_calls.follow([this](const services::live_settings& live) {
    api.use_rates({.of_admins = static_cast<double>(live.admin_rate),
                   .of_devices = static_cast<double>(live.device_rate)});
    keeper.use(retention_in(live), pruning_in(live));
    authority.use_term(std::chrono::days(live.signing_key_days));
  });
  return settings_of_calls.refresh();
}

base::result<> application::state::maintain() {
  return store->refresh_schema_version();
}

base::result<> application::state::tend_signing_keys() {
  const auto before = authority.key_set_version();
  HTTVPS_CHECK(authority.tend());
  if (authority.key_set_version() != before) {
    log.info("key_set_changed", {{"version", authority.key_set_version()}});
  }
  return {};
}

base::result<> application::state::forget() {
  HTTVPS_CHECK(quota.forget_old_leases());
  HTTVPS_CHECK(keys.forget_old());
  HTTVPS_CHECK(idempotency.forget_old());
  HTTVPS_CHECK(admin_tokens.forget_old_sessions());
  HTTVPS_CHECK(services::forget_invitations(*store, base::real_clock().system_now()));
  return validation.forget_old_sessions();
}

base::result<> application::state::tidy() {
  HTTVPS_CHECK(services::forget_shared_proofs(*store, base::real_clock().system_now()));
  HTTVPS_CHECK(months.run());
  return keeper.tidy();
}

base::result<> application::state::tend_audit() {
  HTTVPS_CHECK(audit.adopt());
  HTTVPS_CHECK(audit.sweep());
  return {};
}

std::vector<chore> application::state::chores_of_trust() {
  return {
      {.name = "maintenance", .pause = maintenance_pause, .work = [this] { return maintain(); }},
      {.name = "leases", .pause = services::duty_round, .work = [this] { return roster.renew(); }},
      duty(forget_duty, maintenance_pause, [this] { return forget(); }),
      duty(audit_duty, maintenance_pause, [this] { return tend_audit(); }),
      duty(keys_duty, services::key_round, [this] { return keys.maintain(); }),
      duty(
          managed_duty, services::key_round, [this] { return managed.work(); },
          chore_place::outside),
      {.name = "key_set", .pause = key_set_round, .work = [this] { return authority.refresh(); }},
      duty(signing_duty, upkeep_pause, [this] { return tend_signing_keys(); }),
      duty(rewrap_duty, services::rewrap_round, [this] { return trust.rewrap(); }),
      {.name = "settings",
       .pause = services::settings_round,
       .work = [this] { return settings_of_calls.refresh(); }},
      {.name = "key_ring", .pause = ring_round, .work = [this] { return ring.look(); }},
      {.name = "credentials",
       .pause = upkeep_pause,
       .work = [this] { return credential_ages.look(); }},
      {.name = "figures", .pause = upkeep_pause, .work = [this] { return figures.look(); }},
      {.name = "standings", .pause = standings_round, .work = [this] {
         return figures.count_some();
       }}};
}

std::vector<chore> application::state::chores_of_accounts() {
  return {
      {.name = "admissions", .pause = admissions_round, .work = [this] { return book.flush(); }},
      {.name = "usage_posting", .pause = postings_round, .work = [this] { return poster.sweep(); }},
      {.name = "usage_roll_up",
       .pause = chosen.usage_roll_up,
       .work = [this] { return keeper.roll_up(); }},
      duty(services::upkeep_lease_name, upkeep_pause, [this] { return tidy(); }),
      {.name = "usage_cross_check", .pause = cross_check_pause, .work = [this] {
         return drifts.look();
       }}};
}

front_work application::state::work() {
  auto chores = chores_of_trust();
  std::ranges::move(chores_of_accounts(), std::back_inserter(chores));
  return {.chores = std::move(chores),
          .revisions = [this] { return revisions(); },
          .book = book,
          .poster = poster};
}

chore application::state::duty(std::string_view name, std::chrono::milliseconds pause,
                               std::function<base::result<>()> todo, chore_place place) {
  auto work = [this, name, todo = std::move(todo)]() -> base::result<> {
    return roster.holds(name) ? todo() : base::result<>();
  };
  return {.name = name, .pause = pause, .place = place, .work = std::move(work)};
}

base::result<std::vector<api::topic_revision>> application::state::revisions() const {
  HTTVPS_TRY(const auto nodes_seen, keys.revisions());
  HTTVPS_TRY(const auto for_gateways, gateways.revision());
  std::vector<api::topic_revision> all;
  all.reserve(nodes_seen.size() + 1);
  for (const auto& each : nodes_seen) {
    all.push_back({.topic = each.node.text(), .revision = each.revision});
  }
  all.push_back({.topic = std::string(api::gateways_topic), .revision = for_gateways});
  return all;
}

}
