#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "httvps/backend/services/access_service.hpp"
#include "httvps/backend/services/account_service.hpp"
#include "httvps/backend/services/admin_service.hpp"
#include "httvps/backend/services/admin_token_service.hpp"
#include "httvps/backend/services/audit_service.hpp"
#include "httvps/backend/services/credential_service.hpp"
#include "httvps/backend/services/device_service.hpp"
#include "httvps/backend/services/gateway_service.hpp"
#include "httvps/backend/services/idempotency_service.hpp"
#include "httvps/backend/services/key_service.hpp"
#include "httvps/backend/services/node_service.hpp"
#include "httvps/backend/services/policy_service.hpp"
#include "httvps/backend/services/quota_service.hpp"
#include "httvps/backend/services/refusal_service.hpp"
#include "httvps/backend/services/session_service.hpp"
#include "httvps/backend/services/settings_service.hpp"
#include "httvps/backend/services/trust_service.hpp"
#include "httvps/backend/services/usage_proof.hpp"
#include "httvps/backend/services/usage_service.hpp"
#include "httvps/backend/services/validation_service.hpp"
#include "httvps/backend/services/withdrawal_service.hpp"
#include "httvps/backend/shared/memory_sessions.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/identity/enrolment_link.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "support/postgresql_server.hpp"

namespace httvps::backend::test_support {

inline constexpr std::string_view join_secret = "a-join-secret-for-tests";
inline constexpr std::string_view node_link =
    "ss://YWVzLTI1Ni1nY206aHVudGVyMmh1bnRlcjI@192.0.2.7:8388/?outline=1";
inline constexpr std::string_view node_password = "hunter2hunter2";

struct enrolled {
  identity::signing_key key;
  services::enrolled_device answer;
};

class shared_random final : public base::random_source {
 public:
  explicit shared_random(std::uint64_t seed) noexcept : source_(seed) {}
  void fill(base::byte_span out) override {
    const std::scoped_lock lock(mutex_);
    source_.fill(out);
  }

 private:
  std::mutex mutex_;
  base::seeded_random source_;
};

class store_home {
 public:
  store_home();

  std::unique_ptr<storage::sql_store> open(storage::store_options chosen = {}) const;

 private:
  std::optional<test_servers::postgresql_database> database_;
};

class deployment {
 public:
  explicit deployment(services::join_approval approval = services::join_approval::automatic);

  services::admin_actor admin() const;
  models::user add_user(const std::string& name = "ada");
  models::plan add_plan(models::plan terms = {});
  services::subscription_report subscribe(const models::user& user, const models::plan& terms);
  services::join_order join_order_for(const std::string& name) const;
  services::joined_gateway join(const std::string& name = "gate");
  models::node add_node(const std::string& name = "node", std::uint32_t weight = 1);
  models::node add_agent_node(const std::string& name = "agent");
  std::string ticket_for(const models::user& user, const models::gateway& gateway,
                         std::uint32_t uses = 1);
  base::result<enrolled> try_enrol(const std::string& ticket, const models::gateway& gateway);
  enrolled enrol(const models::user& user, const models::gateway& gateway);
  models::traffic used_by(const models::subscription_id& id);
  services::validation_outcome validate(const models::gateway& gateway, const std::string& token,
                                        const std::string& session = "0000000000000001");

  mutable base::manual_clock clock;
  mutable shared_random random{7};
  store_home home;
  std::unique_ptr<storage::sql_store> store;
  services::field_cipher cipher;
  identity::signing_key root;
  services::signing_authority authority;
  services::node_fleet fleet;
  shared::memory_sessions live;
  services::service_tools tools;
  identity::box_key gateway_box;
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
  services::node_service nodes;
  services::policy_service policies;
  services::quota_service quota;
  services::refusal_service refusals;
  services::settings_service settings;
  services::trust_service trust;
  services::usage_service usage;
  services::usage_proof proof;
  services::validation_service validation;
  services::withdrawal_service withdrawals;
};

}
