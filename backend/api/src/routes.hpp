#pragma once

#include <functional>
#include <memory>
#include <string>

#include "fleet_meter.hpp"
#include "route.hpp"
#include "usage_meter.hpp"
#include "validation_meter.hpp"

namespace httvps::backend::api {

struct session_counters {
  std::shared_ptr<const validation_meter> validations;
  base::counter validation_batches;
  base::counter rolls_in_step;
  base::counter rolls_out_of_step;
  base::counter batches_new;
  base::counter batches_repeated;
  base::counter batches_conflicting;
  base::counter batches_refused;
  base::counter rows_quarantined;
  base::counter rows_went_down;
  std::shared_ptr<usage_meter> bytes;
};

session_counters make_session_counters(base::metric_registry& metrics);
void count_posted(const services::posted_usage& posted, session_counters& counters);

void add_gateway_routes(route_table& table, const service_set& services, const base::clock& clock);
void add_place_routes(route_table& table, const service_set& services);
void add_policy_routes(route_table& table, const service_set& services);
void add_session_routes(route_table& table, const service_set& services,
                        const session_counters& counters);
void add_validation_batch_routes(route_table& table, const service_set& services,
                                 const session_counters& counters);
void add_selection_routes(route_table& table, const service_set& services,
                          const std::shared_ptr<fleet_meter>& meter);
void add_quota_routes(route_table& table, const service_set& services,
                      base::metric_registry& metrics);
void add_withdrawal_routes(route_table& table, const service_set& services);
void add_credential_routes(route_table& table, const service_set& services,
                           const base::clock& clock);
void add_device_routes(route_table& table, const service_set& services);
void add_own_device_routes(route_table& table, const service_set& services);
void add_admin_routes(route_table& table, const service_set& services);
void add_login_routes(route_table& table, const service_set& services,
                      const api_surroundings& around);
void add_own_account_routes(route_table& table, const service_set& services,
                            const api_surroundings& around);
void add_admin_token_routes(route_table& table, const service_set& services);
void add_audit_routes(route_table& table, const service_set& services);
void add_plan_routes(route_table& table, const service_set& services);
void add_subscription_routes(route_table& table, const service_set& services);
void add_enrolment_routes(route_table& table, const service_set& services,
                          const base::clock& clock);
void add_enrolment_code_routes(route_table& table, const service_set& services,
                               const api_surroundings& around);
void add_user_routes(route_table& table, const service_set& services);
void add_account_routes(route_table& table, const service_set& services);
void add_settings_routes(route_table& table, const service_set& services);
void add_bulk_routes(route_table& table, const service_set& services);
void add_grant_routes(route_table& table, const service_set& services);
void add_overview_routes(route_table& table, const service_set& services, const base::clock& clock);
void add_usage_hour_routes(route_table& table, const service_set& services);
void add_usage_proof_routes(route_table& table, const service_set& services);
void add_usage_month_routes(route_table& table, const service_set& services);
void add_join_token_routes(route_table& table, const service_set& services,
                           const base::clock& clock);
void add_region_routes(route_table& table, const service_set& services);
void add_life_cycle_routes(route_table& table, const service_set& services,
                           const base::clock& clock);
void add_infrastructure_routes(route_table& table, const service_set& services,
                               const base::clock& clock);
void add_key_routes(route_table& table, const service_set& services);
void add_outline_routes(route_table& table, const service_set& services, const base::clock& clock);

struct public_texts {
  std::function<std::string()> metrics;
  std::function<std::string()> openapi;
  std::function<std::string()> docs;
  program_facts program;
};

void add_public_routes(route_table& table, const service_set& services, const public_texts& texts);

}
