#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/gateway_key.hpp"
#include "httvps/backend/models/node.hpp"
#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/schemas/gateway_documents.hpp"

namespace httvps::backend::schemas {

using node_labels = list<text<length_range{1, 32}, region_format>, length_range{0, 16}>;
using session_capacity = whole<number_range{1, 1000000}>;

struct node_request {
  static constexpr std::string_view schema_name = "NodeRequest";

  display_name name;
  region_code region;
  std::optional<shadowsocks_link> access_key;
  std::optional<small_count> weight;
  std::optional<host_name> host;
  std::optional<port_number> port;
  std::optional<cipher_name> method;
  std::optional<shadowsocks_link> management_url;
  std::optional<certificate_digest> cert_sha256;
  std::optional<bits_per_second> capacity_bps;
  std::optional<session_capacity> max_sessions;
  std::optional<node_labels> labels;
  std::optional<counter_value> key_limit_bytes;
};
BOOST_DESCRIBE_STRUCT(node_request, (),
                      (name, region, access_key, weight, host, port, method, management_url,
                       cert_sha256, capacity_bps, max_sessions, labels, key_limit_bytes))

struct keyring_view {
  static constexpr std::string_view schema_name = "NodeKeyring";

  models::key_source source = models::key_source::agent;
  counter_value wanted_revision;
  counter_value running_revision;
  models::rollout_state rollout = models::rollout_state::waiting;
  sentence reason;
  std::optional<moment> told_at;
  counter_value transferred_30d;
};
BOOST_DESCRIBE_STRUCT(keyring_view, (),
                      (source, wanted_revision, running_revision, rollout, reason, told_at,
                       transferred_30d))

struct heartbeat_view {
  static constexpr std::string_view schema_name = "Heartbeat";

  moment received_at;
  counter_value uptime_sec;
  counter_value active_sessions;
  load cpu_load;
  load mem_load;
  counter_value bytes_up;
  counter_value bytes_down;
  sentence last_error;
  std::optional<models::service_phase> state;
};
BOOST_DESCRIBE_STRUCT(heartbeat_view, (),
                      (received_at, uptime_sec, active_sessions, cpu_load, mem_load, bytes_up,
                       bytes_down, last_error, state))

struct node_view {
  static constexpr std::string_view schema_name = "Node";

  models::node_id id;
  display_name name;
  region_code region;
  host_name host;
  port_number port;
  small_count weight;
  models::node_state state = models::node_state::enabled;
  bool healthy = true;
  text<length_range{1, 64}> method;
  counter_value key_generation;
  std::optional<keyring_view> keyring;
  std::optional<heartbeat_view> heartbeat;
  moment created_at;
  std::optional<bits_per_second> capacity_bps;
  std::optional<session_capacity> max_sessions;
  node_labels labels;
  std::optional<counter_value> key_limit_bytes;
};
BOOST_DESCRIBE_STRUCT(node_view, (),
                      (id, name, region, host, port, weight, state, healthy, method, key_generation,
                       keyring, heartbeat, created_at, capacity_bps, max_sessions, labels,
                       key_limit_bytes))

struct node_created {
  static constexpr std::string_view schema_name = "NodeCreated";

  node_view node;
  secret_line credential;
};
BOOST_DESCRIBE_STRUCT(node_created, (), (node, credential))

struct node_page {
  static constexpr std::string_view schema_name = "NodePage";

  page_items<node_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(node_page, (), (items, next_page_token))

struct gateway_invitation_request {
  static constexpr std::string_view schema_name = "GatewayInvitationRequest";

  display_name name;
  region_code region;
  std::optional<whole<number_range{60, 604800}>> valid_s;
  std::optional<bool> needs_approval;
};
BOOST_DESCRIBE_STRUCT(gateway_invitation_request, (), (name, region, valid_s, needs_approval))

struct gateway_invitation {
  static constexpr std::string_view schema_name = "GatewayInvitation";

  secret_line join_token;
  moment expires_at;
  models::join_token_id id;
};
BOOST_DESCRIBE_STRUCT(gateway_invitation, (), (join_token, expires_at, id))

struct join_token_view {
  static constexpr std::string_view schema_name = "JoinToken";

  models::join_token_id id;
  display_name name;
  region_code region;
  models::join_token_state state = models::join_token_state::usable;
  bool needs_approval = false;
  std::optional<models::gateway_id> used_by;
  moment created_at;
  moment expires_at;
  std::optional<moment> used_at;
  std::optional<moment> revoked_at;
};
BOOST_DESCRIBE_STRUCT(join_token_view, (),
                      (id, name, region, state, needs_approval, used_by, created_at, expires_at,
                       used_at, revoked_at))

struct join_token_page {
  static constexpr std::string_view schema_name = "JoinTokenPage";

  page_items<join_token_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(join_token_page, (), (items, next_page_token))

struct gateway_view {
  static constexpr std::string_view schema_name = "Gateway";

  models::gateway_id id;
  display_name name;
  region_code region;
  host_name host;
  address_list addresses;
  pin_list pins;
  models::gateway_state state = models::gateway_state::pending;
  std::optional<heartbeat_view> heartbeat;
  moment created_at;
  std::optional<moment> approved_at;
  std::optional<moment> draining_since;
  small_count weight;
  std::optional<bits_per_second> capacity_bps;
  std::optional<session_capacity> max_sessions;
};
BOOST_DESCRIBE_STRUCT(gateway_view, (),
                      (id, name, region, host, addresses, pins, state, heartbeat, created_at,
                       approved_at, draining_since, weight, capacity_bps, max_sessions))

struct gateway_page {
  static constexpr std::string_view schema_name = "GatewayPage";

  page_items<gateway_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(gateway_page, (), (items, next_page_token))

struct usage_item {
  static constexpr std::string_view schema_name = "UsageItem";

  day_text day;
  models::device_id device_id;
  models::node_id node_id;
  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(usage_item, (), (day, device_id, node_id, up, down))

struct usage_total {
  static constexpr std::string_view schema_name = "UsageTotal";

  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(usage_total, (), (up, down))

struct usage_hour {
  static constexpr std::string_view schema_name = "UsageHour";

  text<length_range{13, 13}, printable_line> hour;
  models::node_id node_id;
  models::gateway_id gateway_id;
  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(usage_hour, (), (hour, node_id, gateway_id, up, down))

struct usage_hour_page {
  static constexpr std::string_view schema_name = "UsageHourPage";

  page_items<usage_hour> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(usage_hour_page, (), (items, next_page_token))

struct usage_page {
  static constexpr std::string_view schema_name = "UsagePage";

  page_items<usage_item> items;
  usage_total total;
  usage_total quarantined;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(usage_page, (), (items, total, quarantined, next_page_token))

}
