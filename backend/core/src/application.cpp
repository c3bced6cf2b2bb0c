#include "httvps/backend/core/application.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <iterator>

#include "credential_watch.hpp"
#include "database_gauges.hpp"
#include "drift_watch.hpp"
#include "duty_gauge.hpp"
#include "figure_watch.hpp"
#include "http_front.hpp"
#include "httvps/backend/api/control_api.hpp"
#include "httvps/backend/core/key_files.hpp"
#include "httvps/backend/services/admission_book.hpp"
#include "httvps/backend/services/duty_roster.hpp"
#include "httvps/backend/services/invitation_upkeep.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/managed_nodes.hpp"
#include "httvps/backend/services/shared_proofs.hpp"
#include "httvps/backend/services/usage_months.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/identity/key_file.hpp"
#include "redis_settings.hpp"
#include "ring_watch.hpp"
#include "run_time_settings.hpp"
#include "shared_state.hpp"
#include "usage_keeper.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::chrono::hours maintenance_pause{1};
constexpr std::chrono::minutes upkeep_pause{1};
constexpr std::chrono::seconds key_set_round{5};
constexpr std::chrono::seconds admissions_round{1};
constexpr std::chrono::seconds postings_round{1};
constexpr std::chrono::minutes cross_check_pause{10};
constexpr std::string_view forget_duty = "forget";
constexpr std::string_view audit_duty = "audit";
constexpr std::string_view keys_duty = "keys";
constexpr std::string_view signing_duty = "signing_keys";
constexpr std::string_view rewrap_duty = "rewrap";
constexpr std::string_view managed_duty = "managed_nodes";

using store_owner = std::unique_ptr<storage::sql_store>;

base::result<store_owner> open_store(const backend_settings& chosen, const base::logger& log) {
  HTTVPS_TRY(auto opened, storage::sql_store::open({.address = chosen.database,
                                                    .connections = chosen.database_connections + 1,
                                                    .patience = chosen.database_patience,
                                                    .most_bytes = chosen.database_most_bytes}));
  if (chosen.schema == schema_policy::check) {
    HTTVPS_CHECK(opened->check_schema());
    return opened;
  }
  HTTVPS_TRY(const auto steps, opened->migrate_up());
  if (steps > 0) {
    log.info("schema_migrated", {{"steps", steps}});
  }
  return opened;
}

services::join_policy policy_of(const backend_settings& chosen) {
  const auto secret = chosen.gateway_secret.reveal_text();
  return {.secret_hash = secret.empty() ? std::string() : services::hash_secret(secret),
          .approval = chosen.approval};
}

void note_failure(const base::logger& log, std::string_view event, const base::result<>& outcome) {
  if (!outcome) {
    log.warn(event, {{"code", outcome.error()}});
  }
}

std::vector<services::duty_claim> duties_of(const usage_keeper& keeper) {
  return {{.name = std::string(forget_duty), .holder = {}},
          {.name = std::string(audit_duty), .holder = {}},
          {.name = std::string(keys_duty), .holder = {}},
          {.name = std::string(signing_duty), .holder = {}},
          {.name = std::string(rewrap_duty), .holder = {}},
          {.name = std::string(managed_duty), .holder = {}},
          {.name = std::string(services::upkeep_lease_name), .holder = keeper.upkeep_holder()}};
}

std::string_view to_text(services::admin_token_origin origin) {
  switch (origin) {
    case services::admin_token_origin::known:
      return "known";
    case services::admin_token_origin::registered:
      return "registered";
    case services::admin_token_origin::created:
      return "created";
  }
  return "unknown";
}

base::result<> ensure_token(const backend_settings& chosen, storage::sql_store& store,
                            const base::logger& log) {
  admin_token_file keeper(chosen.admin_token_file);
  HTTVPS_TRY(const auto origin,
             services::ensure_admin_token(
                 {.storage = store, .clock = base::real_clock(), .random = base::secure_random()},
                 keeper));
  log.info("admin_token", {{"origin", to_text(origin)}});
  return {};
}

}

struct application::state {
  state(backend_settings settings, base::logger logger, store_owner opened,
        services::field_cipher key, services::signing_authority signer, base::secret_bytes name_key)
      : chosen(std::move(settings)),
        log(std::move(logger)),
        store(std::move(opened)),
        cipher(std::move(key)),
        authority(std::move(signer)),
        common(chosen, std::move(name_key), {.metrics = metrics, .log = log.for_module("redis")}),
        fleet(*store, base::real_clock()),
        book(*store, metrics),
        tools{.storage = *store,
              .authority = authority,
              .cipher = cipher,
              .clock = base::real_clock(),
              .random = base::secure_random(),
              .fleet = fleet,
              .credentials = chosen.credentials,
              .book = &book,
              .postings = &postings},
        access(tools),
        admin_tokens(tools),
        passwords({}),
        admins(tools, passwords),
        sessions(tools, passwords),
        audit({.storage = *store, .clock = base::real_clock(), .random = base::secure_random()}),
        accounts(tools),
        credentials(tools),
        devices(tools),
        gateways(tools, policy_of(chosen)),
        idempotency(tools),
        keys(tools),
        managed(tools, keys),
        nodes(tools),
        policies(tools),
        quota(tools),
        refusals(tools),
        settings_of_calls(tools, configured_in(chosen)),
        trust(tools, *store),
        usage(tools),
        poster(tools),
        validation(tools, &common.live()),
        withdrawals(tools),
        keeper(tools,
               {.pace = chosen.usage_roll_up,
                .retention = chosen.usage_keeping,
                .pruning = chosen.usage_pruning,
                .daily = chosen.usage_daily_days},
               {.metrics = metrics, .log = log.for_module("usage")}),
        months(tools, chosen.usage_daily_days),
        credential_ages(tools, metrics),
        figures(tools, metrics, [this] { return roster.holds(services::upkeep_lease_name); }),
        drifts(tools, {.metrics = metrics, .log = log.for_module("usage")}),
        roster(tools, duties_of(keeper)),
        ring(chosen, cipher, log.for_module("keys")),
        api({.access = access,
             .admin_tokens = admin_tokens,
             .admins = admins,
             .sessions = sessions,
             .audit = audit,
             .accounts = accounts,
             .credentials = credentials,
             .devices = devices,
             .gateways = gateways,
             .keys = keys,
             .nodes = nodes,
             .fleet = fleet,
             .idempotency = idempotency,
             .policies = policies,
             .quota = quota,
             .refusals = refusals,
             .settings = settings_of_calls,
             .trust = trust,
             .usage = usage,
             .validation = validation,
             .withdrawals = withdrawals,
             .authority = authority,
             .storage = *store},
            {.clock = base::real_clock(),
             .metrics = metrics,
             .log = log.for_module("api"),
             .admin_limit = api::admin_limit_at(chosen.admin_rate),
             .device_limit = api::device_limit_at(chosen.device_rate),
             .buckets = common.buckets(),
             .proxies = chosen.trusted_proxies,
             .program = {.version = HTTVPS_VERSION,
                         .newest_schema = storage::known_migrations().back().version}}) {
    add_database_gauges(metrics, *store, chosen.database);
    add_build_gauge(metrics, HTTVPS_VERSION);
    metrics.add_callback_gauge(
        {.name = "httvps_backend_usage_postings_waiting",
         .help = "Usage batches that this process acknowledged and is about to count."},
        [this] { return static_cast<double>(poster.unfinished()); });
    poster.follow([this](const services::posted_usage& posted) { api.count_posted(posted); });
    for (const auto& claim : roster.claims()) {
      add_duty_gauge(metrics, claim.name, [this, name = claim.name] { return roster.holds(name); });
    }
  }

  base::result<> heed_settings() {
    settings_of_calls.follow([this](const services::live_settings& live) {
      api.use_rates({.of_admins = static_cast<double>(live.admin_rate),
                     .of_devices = static_cast<double>(live.device_rate)});
      keeper.use(retention_in(live), pruning_in(live));
      authority.use_term(std::chrono::days(live.signing_key_days));
    });
    return settings_of_calls.refresh();
  }

  base::result<> maintain() { return store->refresh_schema_version(); }

  base::result<> tend_signing_keys() {
    const auto before = authority.key_set_version();
    HTTVPS_CHECK(authority.tend());
    if (authority.key_set_version() != before) {
      log.info("key_set_changed", {{"version", authority.key_set_version()}});
    }
    return {};
  }

  base::result<> forget() {
    HTTVPS_CHECK(quota.forget_old_leases());
    HTTVPS_CHECK(keys.forget_old());
    HTTVPS_CHECK(idempotency.forget_old());
    HTTVPS_CHECK(admin_tokens.forget_old_sessions());
    HTTVPS_CHECK(services::forget_invitations(*store, base::real_clock().system_now()));
    return validation.forget_old_sessions();
  }

  base::result<> tidy() {
    HTTVPS_CHECK(services::forget_shared_proofs(*store, base::real_clock().system_now()));
    HTTVPS_CHECK(months.run());
    return keeper.tidy();
  }

  base::result<> tend_audit() {
    HTTVPS_CHECK(audit.adopt());
    HTTVPS_CHECK(audit.sweep());
    return {};
  }

  std::vector<chore> chores_of_trust() {
    return {
        {.name = "maintenance", .pause = maintenance_pause, .work = [this] { return maintain(); }},
        {.name = "leases",
         .pause = services::duty_round,
         .work = [this] { return roster.renew(); }},
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
        {.name = "figures", .pause = upkeep_pause, .work = [this] { return figures.look(); }}};
  }

  std::vector<chore> chores_of_accounts() {
    return {
        {.name = "admissions", .pause = admissions_round, .work = [this] { return book.flush(); }},
        {.name = "usage_posting",
         .pause = postings_round,
         .work = [this] { return poster.sweep(); }},
        {.name = "usage_roll_up",
         .pause = chosen.usage_roll_up,
         .work = [this] { return keeper.roll_up(); }},
        duty(services::upkeep_lease_name, upkeep_pause, [this] { return tidy(); }),
        {.name = "usage_cross_check", .pause = cross_check_pause, .work = [this] {
           return drifts.look();
         }}};
  }

  front_work work() {
    auto chores = chores_of_trust();
    std::ranges::move(chores_of_accounts(), std::back_inserter(chores));
    return {.chores = std::move(chores),
            .revisions = [this] { return revisions(); },
            .book = book,
            .poster = poster};
  }

  chore duty(std::string_view name, std::chrono::milliseconds pause,
             std::function<base::result<>()> todo, chore_place place = chore_place::database) {
    auto work = [this, name, todo = std::move(todo)]() -> base::result<> {
      return roster.holds(name) ? todo() : base::result<>();
    };
    return {.name = name, .pause = pause, .place = place, .work = std::move(work)};
  }

  base::result<std::vector<api::topic_revision>> revisions() const {
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

  backend_settings chosen;
  base::logger log;
  base::metric_registry metrics;
  store_owner store;
  services::field_cipher cipher;
  services::signing_authority authority;
  shared_state common;
  services::node_fleet fleet;
  services::admission_book book;
  services::posting_queue postings;
  services::service_tools tools;
  services::access_service access;
  services::admin_token_service admin_tokens;
  services::password_hasher passwords;
  services::admin_service admins;
  services::session_service sessions;
  services::audit_service audit;
  services::account_service accounts;
  services::credential_service credentials;
  services::device_service devices;
  services::gateway_service gateways;
  services::idempotency_service idempotency;
  services::key_service keys;
  services::managed_nodes managed;
  services::node_service nodes;
  services::policy_service policies;
  services::quota_service quota;
  services::refusal_service refusals;
  services::settings_service settings_of_calls;
  services::trust_service trust;
  services::usage_service usage;
  services::usage_poster poster;
  services::validation_service validation;
  services::withdrawal_service withdrawals;
  usage_keeper keeper;
  services::usage_months months;
  credential_watch credential_ages;
  figure_watch figures;
  drift_watch drifts;
  services::duty_roster roster;
  ring_watch ring;
  api::control_api api;
};

application::application(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
application::~application() = default;

base::result<std::unique_ptr<application>> application::prepare(const backend_settings& chosen,
                                                                base::logger log) {
  warn_of_redis(chosen, log);
  HTTVPS_TRY(auto cipher, open_field_cipher(chosen, base::secure_random()));
  HTTVPS_TRY(auto store, open_store(chosen, log));
  HTTVPS_TRY(auto root,
             identity::load_or_create_signing_key(chosen.root_key_file, base::secure_random()));
  auto name_key = name_key_of(root);
  HTTVPS_TRY(auto authority, services::signing_authority::open({.storage = *store,
                                                                .cipher = cipher,
                                                                .clock = base::real_clock(),
                                                                .random = base::secure_random(),
                                                                .term = chosen.signing_key_term},
                                                               std::move(root)));
  HTTVPS_CHECK(ensure_token(chosen, *store, log));
  auto made = std::make_unique<state>(chosen, std::move(log), std::move(store), std::move(cipher),
                                      std::move(authority), std::move(name_key));
  HTTVPS_CHECK(made->heed_settings());
  HTTVPS_CHECK(made->audit.adopt());
  return std::unique_ptr<application>(new application(std::move(made)));
}

base::result<> application::serve() {
  http_front front({.listen = state_->chosen.listen,
                    .address_file = state_->chosen.address_file,
                    .metrics_listen = state_->chosen.metrics_listen,
                    .metrics_address_file = state_->chosen.metrics_address_file,
                    .threads = state_->chosen.database_connections,
                    .queue = state_->chosen.queue,
                    .request_deadline = state_->chosen.request_deadline,
                    .drain = state_->chosen.drain,
                    .polls = state_->chosen.polls},
                   state_->api, state_->log, state_->metrics);
  note_failure(state_->log, "leases_not_taken", state_->roster.renew());
  auto served = front.run(state_->work());
  note_failure(state_->log, "leases_not_released", state_->roster.release());
  return served;
}

const std::string& application::openapi() const noexcept {
  return state_->api.openapi();
}

}
