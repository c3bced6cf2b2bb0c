#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/device.hpp"
#include "httvps/backend/schemas/amended.hpp"

namespace httvps::backend::schemas {

using page_token = text<length_range{0, 160}, page_token_format>;
template <typename Item>
using page_items = list<Item, length_range{0, 1000}>;
using region_list = list<region_code, length_range{0, 32}>;
using plan_days = whole<number_range{1, 36500}>;
using plan_code = text<length_range{1, 32}, region_format>;

struct user_request {
  static constexpr std::string_view schema_name = "UserRequest";

  display_name name;
  std::optional<email_address> email;
  std::optional<note_text> note;
};
BOOST_DESCRIBE_STRUCT(user_request, (), (name, email, note))

struct user_change_request {
  static constexpr std::string_view schema_name = "UserChangeRequest";

  amended<display_name> name;
  amended<std::optional<email_address>> email;
  amended<std::optional<note_text>> note;
};
BOOST_DESCRIBE_STRUCT(user_change_request, (), (name, email, note))

struct user_view {
  static constexpr std::string_view schema_name = "User";

  models::user_id id;
  display_name name;
  std::optional<email_address> email;
  models::user_state state = models::user_state::active;
  note_text note;
  moment created_at;
  std::optional<moment> deleted_at;
};
BOOST_DESCRIBE_STRUCT(user_view, (), (id, name, email, state, note, created_at, deleted_at))

struct user_page {
  static constexpr std::string_view schema_name = "UserPage";

  page_items<user_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(user_page, (), (items, next_page_token))

struct plan_request {
  static constexpr std::string_view schema_name = "PlanRequest";

  plan_code code;
  display_name name;
  std::optional<counter_value> quota_bytes;
  std::optional<counter_value> offline_bytes;
  std::optional<models::reset_period> reset;
  std::optional<plan_days> duration_days;
  std::optional<small_count> device_limit;
  std::optional<small_count> session_limit;
  std::optional<bits_per_second> up_bps;
  std::optional<bits_per_second> down_bps;
  std::optional<region_list> regions;
  std::optional<models::plan_start> start;
};
BOOST_DESCRIBE_STRUCT(plan_request, (),
                      (code, name, quota_bytes, offline_bytes, reset, duration_days, device_limit,
                       session_limit, up_bps, down_bps, regions, start))

struct plan_change_request {
  static constexpr std::string_view schema_name = "PlanChangeRequest";

  amended<plan_code> code;
  amended<display_name> name;
  amended<std::optional<counter_value>> quota_bytes;
  amended<std::optional<counter_value>> offline_bytes;
  amended<models::reset_period> reset;
  amended<std::optional<plan_days>> duration_days;
  amended<small_count> device_limit;
  amended<small_count> session_limit;
  amended<std::optional<bits_per_second>> up_bps;
  amended<std::optional<bits_per_second>> down_bps;
  amended<region_list> regions;
  amended<models::plan_start> start;
};
BOOST_DESCRIBE_STRUCT(plan_change_request, (),
                      (code, name, quota_bytes, offline_bytes, reset, duration_days, device_limit,
                       session_limit, up_bps, down_bps, regions, start))

struct plan_view {
  static constexpr std::string_view schema_name = "Plan";

  models::plan_id id;
  plan_code code;
  display_name name;
  std::optional<counter_value> quota_bytes;
  std::optional<counter_value> offline_bytes;
  models::reset_period reset = models::reset_period::none;
  std::optional<plan_days> duration_days;
  small_count device_limit;
  small_count session_limit;
  std::optional<bits_per_second> up_bps;
  std::optional<bits_per_second> down_bps;
  region_list regions;
  models::plan_state state = models::plan_state::active;
  moment created_at;
  models::plan_start start = models::plan_start::now;
};
BOOST_DESCRIBE_STRUCT(plan_view, (),
                      (id, code, name, quota_bytes, offline_bytes, reset, duration_days,
                       device_limit, session_limit, up_bps, down_bps, regions, state, created_at,
                       start))

struct plan_page {
  static constexpr std::string_view schema_name = "PlanPage";

  page_items<plan_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(plan_page, (), (items, next_page_token))

struct subscription_request {
  static constexpr std::string_view schema_name = "SubscriptionRequest";

  models::user_id user_id;
  models::plan_id plan_id;
  std::optional<moment> starts_at;
  std::optional<moment> expires_at;
};
BOOST_DESCRIBE_STRUCT(subscription_request, (), (user_id, plan_id, starts_at, expires_at))

struct subscription_change_request {
  static constexpr std::string_view schema_name = "SubscriptionChangeRequest";

  amended<std::optional<moment>> expires_at;
  amended<models::plan_id> plan_id;
  amended<std::optional<models::plan_id>> next_plan_id;
  amended<std::optional<counter_value>> quota_bytes;
};
BOOST_DESCRIBE_STRUCT(subscription_change_request, (),
                      (expires_at, plan_id, next_plan_id, quota_bytes))

struct extension_request {
  static constexpr std::string_view schema_name = "ExtensionRequest";

  whole<number_range{1, 3650}> days;
};
BOOST_DESCRIBE_STRUCT(extension_request, (), (days))

struct subscription_view {
  static constexpr std::string_view schema_name = "Subscription";

  models::subscription_id id;
  models::user_id user_id;
  models::plan_id plan_id;
  std::optional<models::plan_id> next_plan_id;
  std::optional<moment> next_plan_at;
  models::subscription_state state = models::subscription_state::active;
  models::subscription_standing standing = models::subscription_standing::active;
  moment starts_at;
  std::optional<moment> expires_at;
  moment period_start;
  std::optional<moment> period_end;
  std::optional<counter_value> quota_bytes;
  std::optional<counter_value> own_quota_bytes;
  counter_value used_up;
  counter_value used_down;
  counter_value counted_bytes;
  std::optional<counter_value> remaining_bytes;
  moment created_at;
  bool awaits_use = false;
};
BOOST_DESCRIBE_STRUCT(subscription_view, (),
                      (id, user_id, plan_id, next_plan_id, next_plan_at, state, standing, starts_at,
                       expires_at, period_start, period_end, quota_bytes, own_quota_bytes, used_up,
                       used_down, counted_bytes, remaining_bytes, created_at, awaits_use))

struct subscription_page {
  static constexpr std::string_view schema_name = "SubscriptionPage";

  page_items<subscription_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(subscription_page, (), (items, next_page_token))

struct device_view {
  static constexpr std::string_view schema_name = "Device";

  models::device_id id;
  models::user_id user_id;
  models::subscription_id subscription_id;
  display_name name;
  text<length_range{1, 32}, printable_line> platform;
  models::device_state state = models::device_state::active;
  moment enrolled_at;
  std::optional<moment> last_seen_at;
  std::optional<moment> revoked_at;
  std::optional<region_code> last_region;
};
BOOST_DESCRIBE_STRUCT(device_view, (),
                      (id, user_id, subscription_id, name, platform, state, enrolled_at,
                       last_seen_at, revoked_at, last_region))

struct device_change_request {
  static constexpr std::string_view schema_name = "DeviceChangeRequest";

  amended<display_name> name;
};
BOOST_DESCRIBE_STRUCT(device_change_request, (), (name))

struct device_page {
  static constexpr std::string_view schema_name = "DevicePage";

  page_items<device_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(device_page, (), (items, next_page_token))

struct enrolment_link_request {
  static constexpr std::string_view schema_name = "EnrolmentLinkRequest";

  models::gateway_id gateway_id;
  std::optional<whole<number_range{1, 100}>> uses;
  std::optional<whole<number_range{60, 2592000}>> valid_s;
};
BOOST_DESCRIBE_STRUCT(enrolment_link_request, (), (gateway_id, uses, valid_s))

struct enrolment_ticket_view {
  static constexpr std::string_view schema_name = "EnrolmentTicket";

  models::ticket_id id;
  models::user_id user_id;
  models::gateway_id gateway_id;
  models::ticket_state state = models::ticket_state::usable;
  counter_value uses;
  counter_value max_uses;
  moment expires_at;
  moment created_at;
  std::optional<moment> revoked_at;
};
BOOST_DESCRIBE_STRUCT(enrolment_ticket_view, (),
                      (id, user_id, gateway_id, state, uses, max_uses, expires_at, created_at,
                       revoked_at))

struct enrolment_ticket_page {
  static constexpr std::string_view schema_name = "EnrolmentTicketPage";

  page_items<enrolment_ticket_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(enrolment_ticket_page, (), (items, next_page_token))

struct enrolment_link_answer {
  static constexpr std::string_view schema_name = "EnrolmentLink";

  secret_link link;
  moment expires_at;
};
BOOST_DESCRIBE_STRUCT(enrolment_link_answer, (), (link, expires_at))

struct enrolment_code_request {
  static constexpr std::string_view schema_name = "EnrolmentCodeRequest";

  models::gateway_id gateway_id;
};
BOOST_DESCRIBE_STRUCT(enrolment_code_request, (), (gateway_id))

struct enrolment_code_answer {
  static constexpr std::string_view schema_name = "EnrolmentCode";

  models::ticket_id ticket_id;
  secret<length_range{11, 11}> code;
  moment expires_at;
};
BOOST_DESCRIBE_STRUCT(enrolment_code_answer, (), (ticket_id, code, expires_at))

struct code_redemption_request {
  static constexpr std::string_view schema_name = "CodeRedemption";

  text<length_range{10, 32}, enrolment_code_format> code;
  bytes_text<32> device_key;
};
BOOST_DESCRIBE_STRUCT(code_redemption_request, (), (code, device_key))

}
