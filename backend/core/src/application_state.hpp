#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "credential_watch.hpp"
#include "drift_watch.hpp"
#include "figure_watch.hpp"
#include "http_front.hpp"
#include "httvps/backend/api/control_api.hpp"
#include "httvps/backend/core/application.hpp"
#include "httvps/backend/services/admission_book.hpp"
#include "httvps/backend/services/duty_roster.hpp"
#include "httvps/backend/services/managed_nodes.hpp"
#include "httvps/backend/services/usage_months.hpp"
#include "httvps/backend/services/usage_proof.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "ring_watch.hpp"
#include "shared_state.hpp"
#include "usage_keeper.hpp"

namespace httvps::backend::core {

using store_owner = std::unique_ptr<storage::sql_store>;

struct application::state {
  state(backend_settings settings, base::logger logger, store_owner opened,
        services::field_cipher key, services::signing_authority signer,
        base::secret_bytes name_key);

  static std::vector<services::duty_claim> duties_of(const usage_keeper& keeper);
  base::result<> heed_settings();
  base::result<> maintain();
  base::result<> tend_signing_keys();
  base::result<> forget();
  base::result<> tidy();
  base::result<> tend_audit();
  std::vector<chore> chores_of_trust();
  std::vector<chore> chores_of_accounts();
  front_work work();
  chore duty(std::string_view name, std::chrono::milliseconds pause,
             std::function<base::result<>()> todo, chore_place place = chore_place::database);
  base::result<std::vector<api::topic_revision>> revisions() const;

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
  services::usage_proof proof;
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

}
