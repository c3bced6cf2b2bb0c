#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "httvps/backend/services/account_repositories.hpp"
#include "httvps/backend/services/admin_repositories.hpp"
#include "httvps/backend/services/admission_repository.hpp"
#include "httvps/backend/services/audit_repositories.hpp"
#include "httvps/backend/services/day_sum_repository.hpp"
#include "httvps/backend/services/enrolment_code_repository.hpp"
#include "httvps/backend/services/epoch_repository.hpp"
#include "httvps/backend/services/figure_repository.hpp"
#include "httvps/backend/services/idempotency_repository.hpp"
#include "httvps/backend/services/key_repositories.hpp"
#include "httvps/backend/services/month_repository.hpp"
#include "httvps/backend/services/pool_repositories.hpp"
#include "httvps/backend/services/quota_repository.hpp"
#include "httvps/backend/services/replica_repositories.hpp"
#include "httvps/backend/services/roll_up_repositories.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

struct repositories {
  user_repository& users;
  plan_repository& plans;
  subscription_repository& subscriptions;
  device_repository& devices;
  admission_repository& admissions;
  ticket_repository& tickets;
  enrolment_code_repository& enrolment_codes;
  known_session_repository& known_sessions;
  api_token_repository& api_tokens;
  admin_token_repository& admin_tokens;
  admin_repository& admins;
  recovery_code_repository& recovery_codes;
  audit_repository& audit;
  audit_chain_repository& audit_chain;
  setting_repository& settings;
  idempotency_repository& idempotency;
  region_repository& regions;
  node_repository& nodes;
  access_key_repository& access_keys;
  keyring_repository& keyrings;
  gateway_key_repository& gateway_keys;
  key_counter_repository& key_counters;
  heartbeat_repository& heartbeats;
  assignment_repository& assignments;
  gateway_repository& gateways;
  credential_repository& credentials;
  join_token_repository& join_tokens;
  usage_journal& journal;
  usage_session_repository& usage_sessions;
  session_traffic_repository& session_traffic;
  quarantine_repository& quarantine;
  usage_ledger& ledger;
  quota_lease_repository& quota_leases;
  usage_books& books;
  usage_delta_journal& deltas;
  unposted_usage& unposted;
  usage_backlog& backlog;
  usage_hours& hours;
  usage_archive& archive;
  epoch_repository& epochs;
  worker_lease_repository& leases;
  seen_proof_repository& seen_proofs;
  figure_repository& figures;
  month_repository& months;
  day_sum_repository& day_sums;
};

inline constexpr std::uint32_t key_schema = 8;

using transaction = std::function<base::result<>(repositories&)>;

class store {
 public:
  virtual ~store() = default;
  virtual base::result<> read(const transaction& body) = 0;
  virtual base::result<> write(const transaction& body) = 0;
  virtual base::result<> note(const transaction& body) = 0;
  virtual base::result<> note_later(const transaction& body) = 0;
  virtual std::uint64_t callers_revision() const noexcept = 0;
  virtual std::uint32_t schema_version() const noexcept = 0;
};

template <typename Body>
auto read_from(store& storage, Body body) -> std::invoke_result_t<Body, repositories&> {
  using answer = typename std::invoke_result_t<Body, repositories&>::value_type;
  base::result<answer> found = base::fail(base::errc::io_failure);
  HTTVPS_CHECK(storage.read([&](repositories& tables) -> base::result<> {
    found = body(tables);
    return found ? base::result<>() : base::fail(found.error());
  }));
  return found;
}

template <typename Body>
auto write_to(store& storage, Body body) -> std::invoke_result_t<Body, repositories&> {
  using answer = typename std::invoke_result_t<Body, repositories&>::value_type;
  base::result<answer> made = base::fail(base::errc::io_failure);
  HTTVPS_CHECK(storage.write([&](repositories& tables) -> base::result<> {
    made = body(tables);
    return made ? base::result<>() : base::fail(made.error());
  }));
  return made;
}

template <typename Body>
auto note_in(store& storage, Body body) -> std::invoke_result_t<Body, repositories&> {
  using answer = typename std::invoke_result_t<Body, repositories&>::value_type;
  base::result<answer> made = base::fail(base::errc::io_failure);
  HTTVPS_CHECK(storage.note([&](repositories& tables) -> base::result<> {
    made = body(tables);
    return made ? base::result<>() : base::fail(made.error());
  }));
  return made;
}

template <typename Body>
auto note_later_in(store& storage, Body body) -> std::invoke_result_t<Body, repositories&> {
  using answer = typename std::invoke_result_t<Body, repositories&>::value_type;
  base::result<answer> made = base::fail(base::errc::io_failure);
  HTTVPS_CHECK(storage.note_later([&](repositories& tables) -> base::result<> {
    made = body(tables);
    return made ? base::result<>() : base::fail(made.error());
  }));
  return made;
}

template <typename Found>
base::result<Found> required(base::result<std::optional<Found>> found, std::error_code missing) {
  HTTVPS_TRY(auto entry, std::move(found));
  if (!entry) {
    return base::fail(missing);
  }
  return *std::move(entry);
}

}
