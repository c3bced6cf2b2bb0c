#include "httvps/backend/core/application.hpp"

#include <boost/asio/io_context.hpp>

#include "application_state.hpp"
#include "database_gauges.hpp"
#include "duty_gauge.hpp"
#include "httvps/backend/core/key_files.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/identity/key_file.hpp"
#include "redis_settings.hpp"
#include "run_time_settings.hpp"

namespace httvps::backend::core {
namespace {

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

application::state::state(backend_settings settings, base::logger logger, store_owner opened,
                          services::field_cipher key, services::signing_authority signer,
                          base::secret_bytes name_key)
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
      proof(tools, settings_of_calls, chosen.usage_daily_days),
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
           .usage_proof = proof,
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
