#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/device.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/models/node.hpp"
#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

using address_list = list<socket_address, length_range{1, 8}>;
using pin_list = list<bytes_text<32>, length_range{1, 4}>;
using path_text = text<length_range{2, 64}>;
using cookie_name = text<length_range{1, 64}>;

struct join_request {
  static constexpr std::string_view schema_name = "GatewayJoinRequest";

  secret_line secret;
  display_name name;
  region_code region;
  host_name host;
  address_list addresses;
  pin_list pins;
  bytes_text<32> x25519_public;
};
BOOST_DESCRIBE_STRUCT(join_request, (),
                      (secret, name, region, host, addresses, pins, x25519_public))

struct join_answer {
  static constexpr std::string_view schema_name = "GatewayJoinAnswer";

  models::gateway_id gateway_id;
  secret_line credential;
  models::gateway_state state = models::gateway_state::pending;
  path_text path;
  cookie_name cookie;
  bytes_text<32> root;
  signed_document key_set;
};
BOOST_DESCRIBE_STRUCT(join_answer, (), (gateway_id, credential, state, path, cookie, root, key_set))

struct gateway_config_query {
  static constexpr std::string_view schema_name = "GatewayConfigQuery";

  std::optional<counter_value> rev;
  std::optional<whole<number_range{0, 60}>> wait;
};
BOOST_DESCRIBE_STRUCT(gateway_config_query, (), (rev, wait))

struct suspended_device {
  static constexpr std::string_view schema_name = "SuspendedDevice";

  models::device_id device_id;
  models::suspension_reason reason = models::suspension_reason::user_suspended;
};
BOOST_DESCRIBE_STRUCT(suspended_device, (), (device_id, reason))

struct gateway_config_answer {
  static constexpr std::string_view schema_name = "GatewayConfigAnswer";

  counter_value rev;
  models::gateway_state state = models::gateway_state::approved;
  path_text path;
  cookie_name cookie;
  signed_document key_set;
  signed_config config;
  signed_document policy;
  counter_value revocation_version;
  list<models::device_id, length_range{0, 100000}> revoked_devices;
  list<suspended_device, length_range{0, 100000}> suspended_devices;
  bool draining = false;
  counter_value node_keys_version;
  list<models::node_id, length_range{0, 32}> rotated_nodes;
};
BOOST_DESCRIBE_STRUCT(gateway_config_answer, (),
                      (rev, state, path, cookie, key_set, config, policy, revocation_version,
                       revoked_devices, suspended_devices, draining, node_keys_version,
                       rotated_nodes))

struct successors_request {
  static constexpr std::string_view schema_name = "SuccessorsRequest";

  list<models::device_id, length_range{1, 500}> devices;
};
BOOST_DESCRIBE_STRUCT(successors_request, (), (devices))

struct successors_item {
  static constexpr std::string_view schema_name = "Successors";

  models::device_id device_id;
  list<models::gateway_id, length_range{0, 3}> gateways;
};
BOOST_DESCRIBE_STRUCT(successors_item, (), (device_id, gateways))

struct successors_answer {
  static constexpr std::string_view schema_name = "SuccessorsAnswer";

  list<successors_item, length_range{0, 500}> items;
};
BOOST_DESCRIBE_STRUCT(successors_answer, (), (items))

struct gateway_heartbeat_request {
  static constexpr std::string_view schema_name = "GatewayHeartbeatRequest";

  models::gateway_id node_id;
  region_code region;
  counter_value uptime_sec;
  counter_value active_sessions;
  load cpu_load;
  load mem_load;
  counter_value bytes_up;
  counter_value bytes_down;
  std::optional<sentence> last_error;
  moment timestamp;
  std::optional<models::service_phase> state;
};
BOOST_DESCRIBE_STRUCT(gateway_heartbeat_request, (),
                      (node_id, region, uptime_sec, active_sessions, cpu_load, mem_load, bytes_up,
                       bytes_down, last_error, timestamp, state))

struct gateway_heartbeat_answer {
  static constexpr std::string_view schema_name = "GatewayHeartbeatAnswer";

  moment server_time;
  whole<number_range{1000, 60000}> interval_ms = 5000;
  counter_value key_set_version;
  counter_value revocation_version;
  counter_value terms_version;
  list<text<length_range{1, 64}>, length_range{0, 32}> terms_changed;
  std::optional<counter_value> credential_expires_s;
  bool renew_credential = false;
};
BOOST_DESCRIBE_STRUCT(gateway_heartbeat_answer, (),
                      (server_time, interval_ms, key_set_version, revocation_version, terms_version,
                       terms_changed, credential_expires_s, renew_credential))

struct node_heartbeat_request {
  static constexpr std::string_view schema_name = "NodeHeartbeatRequest";

  models::node_id node_id;
  region_code region;
  counter_value uptime_sec;
  counter_value active_sessions;
  load cpu_load;
  load mem_load;
  counter_value bytes_up;
  counter_value bytes_down;
  std::optional<sentence> last_error;
  moment timestamp;
};
BOOST_DESCRIBE_STRUCT(node_heartbeat_request, (),
                      (node_id, region, uptime_sec, active_sessions, cpu_load, mem_load, bytes_up,
                       bytes_down, last_error, timestamp))

struct node_heartbeat_answer {
  static constexpr std::string_view schema_name = "NodeHeartbeatAnswer";

  moment server_time;
  whole<number_range{1000, 60000}> interval_ms = 5000;
  std::optional<counter_value> credential_expires_s;
  bool renew_credential = false;
};
BOOST_DESCRIBE_STRUCT(node_heartbeat_answer, (),
                      (server_time, interval_ms, credential_expires_s, renew_credential))

}
