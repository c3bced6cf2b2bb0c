#pragma once

#include <memory>

#include "account_tables.hpp"
#include "admin_tables.hpp"
#include "admission_table.hpp"
#include "archive_tables.hpp"
#include "audit_tables.hpp"
#include "credential_table.hpp"
#include "day_sum_table.hpp"
#include "device_tables.hpp"
#include "enrolment_code_table.hpp"
#include "epoch_table.hpp"
#include "figure_table.hpp"
#include "gateway_tables.hpp"
#include "httvps/backend/services/store.hpp"
#include "idempotency_table.hpp"
#include "journal_tables.hpp"
#include "key_tables.hpp"
#include "month_table.hpp"
#include "pool_tables.hpp"
#include "quota_table.hpp"
#include "replica_tables.hpp"
#include "sealed_cell_table.hpp"
#include "unposted_table.hpp"
#include "usage_tables.hpp"

namespace httvps::backend::storage {

struct desk {
  explicit desk(std::unique_ptr<connection> opened) : database(std::move(opened)) {}
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;
  desk(desk&&) = delete;
  desk& operator=(desk&&) = delete;
  ~desk() = default;

  std::unique_ptr<connection> database;
  user_table users{*database};
  plan_table plans{*database};
  subscription_table subscriptions{*database};
  device_table devices{*database};
  admission_table admissions{*database};
  ticket_table tickets{*database};
  enrolment_code_table enrolment_codes{*database};
  known_session_table known_sessions{*database};
  api_token_table api_tokens{*database};
  admin_token_table admin_tokens{*database};
  admin_table admins{*database};
  recovery_code_table recovery_codes{*database};
  audit_table audit{*database};
  audit_chain_table audit_chain{*database};
  setting_table settings{*database};
  sealed_cell_table sealed_cells{*database};
  idempotency_table idempotency{*database};
  region_table regions{*database};
  node_table nodes{*database};
  access_key_table access_keys{*database};
  keyring_table keyrings{*database};
  gateway_key_table gateway_keys{*database};
  key_counter_table key_counters{*database};
  heartbeat_table heartbeats{*database};
  assignment_table assignments{*database};
  gateway_table gateways{*database};
  credential_table credentials{*database};
  join_token_table join_tokens{*database};
  journal_table journal{*database};
  usage_session_table usage_sessions{*database};
  session_traffic_table session_traffic{*database};
  quarantine_table quarantine{*database};
  ledger_table ledger{*database};
  quota_lease_table quota_leases{*database};
  books_table books{*database};
  delta_table deltas{*database};
  unposted_table unposted{*database};
  backlog_table backlog{*database};
  hours_table hours{*database};
  archive_table archive{*database};
  epoch_table epochs{*database};
  worker_lease_table leases{*database};
  seen_proof_table seen_proofs{*database};
  figure_table figures{*database};
  month_table months{*database};
  day_sum_table day_sums{*database};
  services::repositories tables{.users = users,
                                .plans = plans,
                                .subscriptions = subscriptions,
                                .devices = devices,
                                .admissions = admissions,
                                .tickets = tickets,
                                .enrolment_codes = enrolment_codes,
                                .known_sessions = known_sessions,
                                .api_tokens = api_tokens,
                                .admin_tokens = admin_tokens,
                                .admins = admins,
                                .recovery_codes = recovery_codes,
                                .audit = audit,
                                .audit_chain = audit_chain,
                                .settings = settings,
                                .idempotency = idempotency,
                                .regions = regions,
                                .nodes = nodes,
                                .access_keys = access_keys,
                                .keyrings = keyrings,
                                .gateway_keys = gateway_keys,
                                .key_counters = key_counters,
                                .heartbeats = heartbeats,
                                .assignments = assignments,
                                .gateways = gateways,
                                .credentials = credentials,
                                .join_tokens = join_tokens,
                                .journal = journal,
                                .usage_sessions = usage_sessions,
                                .session_traffic = session_traffic,
                                .quarantine = quarantine,
                                .ledger = ledger,
                                .quota_leases = quota_leases,
                                .books = books,
                                .deltas = deltas,
                                .unposted = unposted,
                                .backlog = backlog,
                                .hours = hours,
                                .archive = archive,
                                .epochs = epochs,
                                .leases = leases,
                                .seen_proofs = seen_proofs,
                                .figures = figures,
                                .months = months,
                                .day_sums = day_sums};
};

}
