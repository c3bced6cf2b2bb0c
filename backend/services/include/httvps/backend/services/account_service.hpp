#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

struct new_user {
  std::string name;
  std::optional<std::string> email;
  std::string note;
};

using added_users = std::vector<base::result<models::user_id>>;

struct user_amendment {
  std::optional<std::string> name = {};
  std::optional<std::optional<std::string>> email = {};
  std::optional<std::string> note = {};
};

struct new_plan {
  models::plan terms;
};

struct plan_amendment {
  std::optional<std::string> code = {};
  std::optional<std::string> name = {};
  std::optional<std::optional<base::byte_count>> quota_bytes = {};
  std::optional<std::optional<base::byte_count>> offline_bytes = {};
  std::optional<models::reset_period> reset = {};
  std::optional<std::optional<std::uint32_t>> duration_days = {};
  std::optional<std::uint32_t> device_limit = {};
  std::optional<std::uint32_t> session_limit = {};
  std::optional<std::optional<std::uint64_t>> up_bps = {};
  std::optional<std::optional<std::uint64_t>> down_bps = {};
  std::optional<std::vector<std::string>> regions = {};
  std::optional<models::plan_start> start = {};
};

enum class plan_offer { open, withdrawn };

struct new_subscription {
  models::user_id user;
  models::plan_id plan;
  std::optional<base::system_time> starts_at;
  std::optional<base::system_time> expires_at;
};

inline constexpr std::chrono::days longest_support_extension{30};

struct subscription_amendment {
  std::optional<std::optional<base::system_time>> expires_at = {};
  std::optional<models::plan_id> plan = {};
  std::optional<std::optional<models::plan_id>> next_plan = {};
  std::optional<std::optional<base::byte_count>> quota_bytes = {};

  bool is_empty() const noexcept { return !expires_at && !plan && !next_plan && !quota_bytes; }
};

struct subscription_report {
  models::subscription subject;
  models::plan terms;
  models::traffic used;
  models::traffic counted;
  base::system_time period;
  std::optional<base::system_time> period_end = {};
  models::subscription_standing standing = models::subscription_standing::active;
};

inline entity_tag tag_of(const subscription_report& report) {
  return tag_of(report.subject);
}

std::optional<base::byte_count> remaining_bytes(const subscription_report& report) noexcept;
base::result<std::vector<subscription_report>> reports_on(
    repositories& tables, const std::vector<models::subscription>& subjects, base::system_time now);
struct subscribed_plan {
  models::subscription subject;
  models::plan terms;
};

subscription_report make_report(subscribed_plan held, const models::period_use& use,
                                base::system_time now);
base::result<subscription_report> report_on(repositories& tables,
                                            const models::subscription& subject,
                                            base::system_time now);

class account_service {
 public:
  explicit account_service(const service_tools& tools) : tools_(tools) {}

  base::result<models::user> add_user(const admin_actor& actor, const new_user& wanted) const;
  base::result<added_users> add_users(const admin_actor& actor,
                                      const std::vector<new_user>& wanted) const;
  base::result<models::user> user(const models::user_id& id) const;
  base::result<models::user> change_user(const admin_actor& actor, const models::user_id& id,
                                         const user_amendment& wanted) const;
  base::result<> remove_user(const admin_actor& actor, const models::user_id& id) const;
  base::result<models::page<models::user>> users(const user_filter& filter) const;
  base::result<models::plan> add_plan(const admin_actor& actor, const new_plan& wanted) const;
  base::result<models::plan> plan(const models::plan_id& id) const;
  base::result<models::plan> change_plan(const admin_actor& actor, const models::plan_id& id,
                                         const plan_amendment& wanted) const;
  base::result<models::plan> offer_plan(const admin_actor& actor, const models::plan_id& id,
                                        plan_offer wanted) const;
  base::result<> remove_plan(const admin_actor& actor, const models::plan_id& id) const;
  base::result<models::page<models::plan>> plans(const models::page_request& wanted) const;
  base::result<subscription_report> add_subscription(const admin_actor& actor,
                                                     const new_subscription& wanted) const;
  base::result<models::page<subscription_report>> subscriptions(
      const subscription_filter& filter) const;
  base::result<subscription_report> subscription(const models::subscription_id& id) const;
  base::result<subscription_report> change_subscription(const admin_actor& actor,
                                                        const models::subscription_id& id,
                                                        const subscription_amendment& wanted) const;
  base::result<subscription_report> extend_subscription(const admin_actor& actor,
                                                        const models::subscription_id& id,
                                                        std::chrono::days wanted) const;
  base::result<subscription_report> reset_usage(const admin_actor& actor,
                                                const models::subscription_id& id) const;
  base::result<subscription_report> cancel_subscription(const admin_actor& actor,
                                                        const models::subscription_id& id) const;

 private:
  service_tools tools_;
};

}
