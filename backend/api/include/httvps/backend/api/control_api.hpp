#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/api/problem.hpp"
#include "httvps/backend/api/rate_limiter.hpp"
#include "httvps/backend/api/trusted_proxies.hpp"
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
#include "httvps/backend/shared/token_buckets.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::backend::api {

struct service_set {
  const services::access_service& access;
  const services::admin_token_service& admin_tokens;
  const services::admin_service& admins;
  const services::session_service& sessions;
  const services::audit_service& audit;
  const services::account_service& accounts;
  const services::credential_service& credentials;
  const services::device_service& devices;
  const services::gateway_service& gateways;
  const services::key_service& keys;
  const services::node_service& nodes;
  services::node_fleet& fleet;
  const services::idempotency_service& idempotency;
  const services::policy_service& policies;
  const services::quota_service& quota;
  services::refusal_service& refusals;
  const services::settings_service& settings;
  const services::trust_service& trust;
  const services::usage_service& usage;
  const services::usage_proof& usage_proof;
  const services::validation_service& validation;
  const services::withdrawal_service& withdrawals;
  const services::signing_authority& authority;
  services::store& storage;
};

struct program_facts {
  std::string version = "0";
  std::uint32_t newest_schema = 0;
};

struct api_surroundings {
  const base::clock& clock;
  base::metric_registry& metrics;
  base::logger log;
  rate_limit join_limit{.burst = 20, .per_second = 0.5};
  rate_limit enrol_limit{.burst = 120, .per_second = 4};
  rate_limit login_limit{.burst = 10, .per_second = 10.0 / 900};
  rate_limit code_limit{.burst = 10, .per_second = 10.0 / 900};
  rate_limit all_codes_limit{.burst = 60, .per_second = 1};
  rate_limit admin_limit{.burst = 40, .per_second = 20};
  rate_limit device_limit{.burst = 20, .per_second = 2};
  shared::token_buckets* buckets = nullptr;
  trusted_proxies proxies = {};
  program_facts program = {};
};

struct call_rates {
  double of_admins = 20;
  double of_devices = 2;
};

constexpr rate_limit admin_limit_at(double per_second) noexcept {
  return {.burst = 2 * per_second, .per_second = per_second};
}

constexpr rate_limit device_limit_at(double per_second) noexcept {
  return {.burst = 10 * per_second, .per_second = per_second};
}

inline constexpr std::string_view gateways_topic = "gateways";

struct topic_revision {
  std::string topic;
  std::uint64_t revision = 0;
};

struct held_poll {
  std::string who;
  std::string topic;
  std::uint64_t revision = 0;
  std::chrono::seconds patience{0};
};

struct api_reply {
  net::http_response response;
  std::optional<held_poll> held;
};

enum class work_place { io_thread, blocking_pool, long_poll, together };

inline constexpr std::size_t most_together = 64;

using request_list = std::vector<std::shared_ptr<const net::http_request>>;

struct route_summary {
  std::string method;
  std::string pattern;
  std::string operation;
  std::optional<models::admin_role> least_role;
  std::string scope;
};

class control_api {
 public:
  control_api(const service_set& provided, const api_surroundings& around);
  control_api(const control_api&) = delete;
  control_api& operator=(const control_api&) = delete;
  ~control_api();

  work_place place_of(const net::http_request& request) const;
  net::http_response respond(const net::http_request& request) const;
  std::vector<net::http_response> respond_together(const request_list& requests) const;
  api_reply respond_or_hold(const net::http_request& request) const;
  net::http_response refuse(const net::http_request& request, const problem& reason) const;
  const std::string& openapi() const noexcept;
  std::vector<route_summary> routes() const;
  void use_rates(const call_rates& chosen) const;
  void count_posted(const services::posted_usage& posted) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}
