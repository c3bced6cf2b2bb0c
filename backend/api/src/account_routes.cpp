#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

struct device_query {
  static constexpr std::string_view schema_name = "DeviceQuery";

  std::optional<models::user_id> user_id;
  std::optional<models::device_state> state;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(device_query, (), (user_id, state, page_size, page_token))

struct user_query {
  static constexpr std::string_view schema_name = "UserQuery";

  std::optional<models::user_state> state;
  std::optional<schemas::display_name> name_prefix;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(user_query, (), (state, name_prefix, page_size, page_token))

enum class subscription_choice { pending, active, limited, expired, suspended, cancelled, ended };
BOOST_DESCRIBE_ENUM(subscription_choice, pending, active, limited, expired, suspended, cancelled,
                    ended)

struct subscription_query {
  static constexpr std::string_view schema_name = "SubscriptionQuery";

  std::optional<models::user_id> user_id;
  std::optional<subscription_choice> state;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(subscription_query, (), (user_id, state, page_size, page_token))

route create_route(std::string pattern, std::string operation, std::string summary) {
  return {.method = "POST",
          .pattern = std::move(pattern),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::support,
          .success = 201};
}

route list_route(std::string pattern, std::string operation, std::string summary) {
  return {.method = "GET",
          .pattern = std::move(pattern),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::read_only};
}

models::plan terms_of(const schemas::plan_request& wanted) {
  models::plan terms{.id = {},
                     .code = wanted.code.value,
                     .name = wanted.name.value,
                     .quota_bytes = {},
                     .offline_bytes = {},
                     .reset = wanted.reset.value_or(models::reset_period::none),
                     .duration_days = {}};
  const auto number = [](const auto& field) {
    return field ? std::optional(field->template as<std::uint64_t>()) : std::nullopt;
  };
  terms.quota_bytes = number(wanted.quota_bytes);
  terms.offline_bytes = number(wanted.offline_bytes);
  terms.up_bps = number(wanted.up_bps);
  terms.down_bps = number(wanted.down_bps);
  if (wanted.duration_days) {
    terms.duration_days = wanted.duration_days->as<std::uint32_t>();
  }
  terms.device_limit = wanted.device_limit.value_or(schemas::small_count(1)).as<std::uint32_t>();
  terms.session_limit = wanted.session_limit.value_or(schemas::small_count(1)).as<std::uint32_t>();
  if (wanted.regions) {
    for (const auto& region : wanted.regions->items) {
      terms.regions.push_back(region.value);
    }
  }
  terms.start = wanted.start.value_or(models::plan_start::now);
  return terms;
}

services::subscription_filter filter_of(const subscription_query& query,
                                        const models::page_request& wanted) {
  services::subscription_filter filter{.user = query.user_id, .wanted = wanted};
  if (query.state == subscription_choice::ended) {
    filter.state = models::subscription_state::ended;
  } else if (query.state) {
    filter.standing =
        models::parse_enum<models::subscription_standing>(models::enum_text(*query.state));
  }
  return filter;
}

std::optional<base::system_time> from_time(const std::optional<schemas::moment>& time) {
  return time ? std::optional(time->value) : std::nullopt;
}

void add_user_list_routes(route_table& table, const service_set& services) {
  table.add(with_body<schemas::user_request, schemas::user_view>(
      create_route("/api/v1/admin/users", "createUser", "Adds a user."),
      [services](call& made, const schemas::user_request& wanted) -> answer<schemas::user_view> {
        HTTVPS_TRY(const auto user,
                   services.accounts.add_user(
                       *made.admin,
                       {.name = wanted.name.value,
                        .email = wanted.email ? std::optional(wanted.email->value) : std::nullopt,
                        .note = wanted.note ? wanted.note->value : ""}));
        return view_of(user);
      }));
  table.add(with_query<user_query, schemas::user_page>(
      list_route("/api/v1/admin/users", "listUsers",
                 "Lists users by state and first letters of the name; deleted ones when asked."),
      [services](call&, const user_query& query) -> answer<schemas::user_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        const auto prefix = query.name_prefix.value_or(schemas::display_name()).value;
        HTTVPS_TRY(const auto found,
                   services.accounts.users(
                       {.state = query.state, .name_prefix = prefix, .wanted = wanted}));
        return to_page<schemas::user_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

void add_plan_list_routes(route_table& table, const service_set& services) {
  auto create = create_route("/api/v1/admin/plans", "createPlan", "Adds a plan.");
  create.wanted = access::admin;
  table.add(with_body<schemas::plan_request, schemas::plan_view>(
      std::move(create),
      [services](call& made, const schemas::plan_request& wanted) -> answer<schemas::plan_view> {
        HTTVPS_TRY(const auto plan,
                   services.accounts.add_plan(*made.admin, {.terms = terms_of(wanted)}));
        return view_of(plan);
      }));
  table.add(with_query<page_query, schemas::plan_page>(
      list_route("/api/v1/admin/plans", "listPlans", "Lists plans."),
      [services](call&, const page_query& query) -> answer<schemas::plan_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.accounts.plans(wanted));
        return to_page<schemas::plan_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

void add_subscription_list_routes(route_table& table, const service_set& services) {
  using schemas::subscription_page;
  using schemas::subscription_request;
  using schemas::subscription_view;
  table.add(with_body<subscription_request, subscription_view>(
      create_route("/api/v1/admin/subscriptions", "createSubscription",
                   "Gives a user a subscription to a plan."),
      [services](call& made, const subscription_request& wanted) -> answer<subscription_view> {
        HTTVPS_TRY(const auto report,
                   services.accounts.add_subscription(
                       *made.admin, {.user = wanted.user_id,
                                     .plan = wanted.plan_id,
                                     .starts_at = from_time(wanted.starts_at),
                                     .expires_at = from_time(wanted.expires_at)}));
        return view_of(report);
      }));
  table.add(with_query<subscription_query, subscription_page>(
      list_route("/api/v1/admin/subscriptions", "listSubscriptions",
                 "Lists subscriptions with what was used of them, of one standing when asked; "
                 "ended are those that a later one replaced."),
      [services](call&, const subscription_query& query) -> answer<subscription_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.accounts.subscriptions(filter_of(query, wanted)));
        return to_page<subscription_page>(found, [](const auto& one) { return view_of(one); });
      }));
  table.add(without_body<tagged<subscription_view>>(
      list_route("/api/v1/admin/subscriptions/{id}", "getSubscription",
                 "One subscription with what was used of it."),
      [services](call& made) -> answer<tagged<subscription_view>> {
        HTTVPS_TRY(const auto id,
                   id_of<models::subscription_id>(made, errc::subscription_not_found));
        HTTVPS_TRY(const auto report, services.accounts.subscription(id));
        return tagged_view_of(report);
      }));
}

void add_device_admin_routes(route_table& table, const service_set& services) {
  table.add(with_query<device_query, schemas::device_page>(
      list_route("/api/v1/admin/devices", "listDevices", "Lists devices, of one user if named."),
      [services](call&, const device_query& query) -> answer<schemas::device_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(
            const auto found,
            services.devices.list({.user = query.user_id, .wanted = wanted, .state = query.state}));
        return to_page<schemas::device_page>(found, [](const auto& one) { return view_of(one); });
      }));
  auto revoke = create_route("/api/v1/admin/devices/{id}:revoke", "revokeDevice",
                             "Takes a device's access away for ever.");
  revoke.success = 200;
  table.add(without_body<tagged<schemas::device_view>>(
      std::move(revoke), [services](call& made) -> answer<tagged<schemas::device_view>> {
        HTTVPS_TRY(const auto id, id_of<models::device_id>(made, errc::device_not_found));
        made.notes.device_id = id.text();
        HTTVPS_TRY(const auto device, services.devices.revoke(*made.admin, id));
        return tagged_view_of(device);
      }));
}

services::link_order order_of(const models::user_id& user,
                              const schemas::enrolment_link_request& wanted) {
  services::link_order order{.user = user, .gateway = wanted.gateway_id};
  if (wanted.uses) {
    order.uses = wanted.uses->as<std::uint32_t>();
  }
  if (wanted.valid_s) {
    order.valid = std::chrono::seconds(wanted.valid_s->value);
  }
  return order;
}

void add_link_route(route_table& table, const service_set& services) {
  using schemas::enrolment_link_answer;
  using schemas::enrolment_link_request;
  table.add(with_body<enrolment_link_request, enrolment_link_answer>(
      create_route("/api/v1/admin/users/{id}/enrolment-links", "createEnrolmentLink",
                   "Makes a link with which a device of the user enrols at one gateway."),
      [services](call& made,
                 const enrolment_link_request& wanted) -> answer<enrolment_link_answer> {
        HTTVPS_TRY(const auto user, id_of<models::user_id>(made, errc::user_not_found));
        HTTVPS_TRY(auto issued, services.devices.issue_link(*made.admin, order_of(user, wanted)));
        return enrolment_link_answer{.link = std::move(issued.link),
                                     .expires_at = issued.expires_at};
      }));
}

}

void add_account_routes(route_table& table, const service_set& services) {
  add_user_list_routes(table, services);
  add_plan_list_routes(table, services);
  add_subscription_list_routes(table, services);
  add_device_admin_routes(table, services);
  add_link_route(table, services);
}

}
