#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string_view>
#include <variant>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

struct validate_request {
  static constexpr std::string_view schema_name = "ValidateDeviceRequest";

  signed_document token;
  hex_session session;
  std::optional<hex_epoch> epoch;
};
BOOST_DESCRIBE_STRUCT(validate_request, (), (token, session, epoch))

struct device_quota {
  static constexpr std::string_view schema_name = "DeviceQuota";

  counter_value remaining;
  counter_value offline_bytes;
};
BOOST_DESCRIBE_STRUCT(device_quota, (), (remaining, offline_bytes))

struct device_policy {
  static constexpr std::string_view schema_name = "DevicePolicy";

  small_count session_limit;
  std::optional<bits_per_second> up_bps;
  std::optional<bits_per_second> down_bps;
  std::optional<device_quota> quota;
};
BOOST_DESCRIBE_STRUCT(device_policy, (), (session_limit, up_bps, down_bps, quota))

struct device_allowed {
  static constexpr std::string_view schema_name = "DeviceAllowed";

  constant_flag<true> allow;
  models::device_id device_id;
  models::subscription_id subscription_id;
  models::plan_id plan_id;
  device_policy policy;
  std::optional<moment> ends_at;
  whole<number_range{1, 86400}> recheck_s = 900;
  counter_value sessions_elsewhere;
};
BOOST_DESCRIBE_STRUCT(device_allowed, (),
                      (allow, device_id, subscription_id, plan_id, policy, ends_at, recheck_s,
                       sessions_elsewhere))

enum class denial_code {
  device_revoked,
  subscription_expired,
  quota_exceeded,
  device_limit,
  session_limit,
  region_denied,
  token_expired,
  token_invalid,
  access_suspended
};
BOOST_DESCRIBE_ENUM(denial_code, device_revoked, subscription_expired, quota_exceeded, device_limit,
                    session_limit, region_denied, token_expired, token_invalid, access_suspended)

struct device_denied {
  static constexpr std::string_view schema_name = "DeviceDenied";

  constant_flag<false> allow;
  denial_code code = denial_code::token_invalid;
  schemas::sentence sentence;
};
BOOST_DESCRIBE_STRUCT(device_denied, (), (allow, code, sentence))

using validate_answer = std::variant<device_allowed, device_denied>;

struct assign_request {
  static constexpr std::string_view schema_name = "AssignOutlineRequest";

  signed_document token;
  optional_region_code region;
};
BOOST_DESCRIBE_STRUCT(assign_request, (), (token, region))

using relative_weight = whole<number_range{1, 1000}>;

struct assigned_candidate {
  static constexpr std::string_view schema_name = "AssignedNode";

  models::node_id node_id;
  display_name name;
  host_name host;
  port_number port;
  text<length_range{1, 64}> method;
  text<length_range{1, 8192}> sealed_key;
  relative_weight weight;
};
BOOST_DESCRIBE_STRUCT(assigned_candidate, (),
                      (node_id, name, host, port, method, sealed_key, weight))

struct assign_answer {
  static constexpr std::string_view schema_name = "AssignOutlineAnswer";

  models::node_id node_id;
  display_name name;
  host_name host;
  port_number port;
  text<length_range{1, 64}> method;
  text<length_range{1, 8192}> sealed_key;
  moment lease_until;
  list<assigned_candidate, length_range{1, 3}> nodes;
};
BOOST_DESCRIBE_STRUCT(assign_answer, (),
                      (node_id, name, host, port, method, sealed_key, lease_until, nodes))

using connect_count = whole<number_range{0, 1000000}>;

struct node_outcome {
  static constexpr std::string_view schema_name = "NodeOutcome";

  models::node_id node_id;
  connect_count succeeded;
  connect_count failed;
  std::optional<whole<number_range{0, 60000000}>> connect_us;
};
BOOST_DESCRIBE_STRUCT(node_outcome, (), (node_id, succeeded, failed, connect_us))

struct outcomes_request {
  static constexpr std::string_view schema_name = "OutcomesRequest";

  list<node_outcome, length_range{0, 256}> nodes;
};
BOOST_DESCRIBE_STRUCT(outcomes_request, (), (nodes))

struct outcomes_answer {
  static constexpr std::string_view schema_name = "OutcomesAnswer";

  whole<number_range{1000, 60000}> interval_ms = 10000;
};
BOOST_DESCRIBE_STRUCT(outcomes_answer, (), (interval_ms))

struct usage_report_row {
  static constexpr std::string_view schema_name = "UsageReportRow";

  counter_value n;
  models::node_id node_id;
  counter_value up;
  counter_value down;
  std::optional<signed_document> token;
  std::optional<bool> final;
};
BOOST_DESCRIBE_STRUCT(usage_report_row, (), (n, node_id, up, down, token, final))

struct usage_report_request {
  static constexpr std::string_view schema_name = "UsageReportRequest";

  hex_epoch epoch;
  whole<number_range{1, largest_number}> seq;
  list<usage_report_row, length_range{0, 5000}> rows;
};
BOOST_DESCRIBE_STRUCT(usage_report_request, (), (epoch, seq, rows))

struct usage_gap {
  static constexpr std::string_view schema_name = "UsageGap";

  counter_value first;
  counter_value last;
};
BOOST_DESCRIBE_STRUCT(usage_gap, (), (first, last))

struct usage_report_answer {
  static constexpr std::string_view schema_name = "UsageReportAnswer";

  counter_value acked_through;
  list<usage_gap, length_range{0, 64}> gaps;
};
BOOST_DESCRIBE_STRUCT(usage_report_answer, (), (acked_through, gaps))

}
