#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/device.hpp"
#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

struct empty_request {
  static constexpr std::string_view schema_name = "EmptyRequest";
};
BOOST_DESCRIBE_STRUCT(empty_request, (), ())

struct enrol_request {
  static constexpr std::string_view schema_name = "EnrolRequest";

  signed_document ticket;
  bytes_text<32> device_key;
  display_name name;
  text<length_range{1, 32}, printable_line> platform;
};
BOOST_DESCRIBE_STRUCT(enrol_request, (), (ticket, device_key, name, platform))

struct enrol_answer {
  static constexpr std::string_view schema_name = "EnrolAnswer";

  models::device_id device_id;
  signed_document token;
  signed_document key_set;
  signed_config config;
};
BOOST_DESCRIBE_STRUCT(enrol_answer, (), (device_id, token, key_set, config))

struct token_answer {
  static constexpr std::string_view schema_name = "TokenAnswer";

  signed_document token;
  signed_document key_set;
};
BOOST_DESCRIBE_STRUCT(token_answer, (), (token, key_set))

struct device_config_answer {
  static constexpr std::string_view schema_name = "DeviceConfigAnswer";

  signed_config config;
  signed_document key_set;
  moment lease_until;
};
BOOST_DESCRIBE_STRUCT(device_config_answer, (), (config, key_set, lease_until))

struct subscription_summary {
  static constexpr std::string_view schema_name = "SubscriptionSummary";

  models::subscription_id id;
  display_name plan;
  models::subscription_standing standing = models::subscription_standing::active;
  std::optional<moment> expires_at;
  std::optional<counter_value> quota_bytes;
  counter_value used_up;
  counter_value used_down;
  std::optional<counter_value> remaining_bytes;
};
BOOST_DESCRIBE_STRUCT(subscription_summary, (),
                      (id, plan, standing, expires_at, quota_bytes, used_up, used_down,
                       remaining_bytes))

struct me_answer {
  static constexpr std::string_view schema_name = "MeAnswer";

  models::device_id device_id;
  display_name device_name;
  models::user_id user_id;
  display_name user_name;
  subscription_summary subscription;
  counter_value devices;
  counter_value device_limit;
};
BOOST_DESCRIBE_STRUCT(me_answer, (),
                      (device_id, device_name, user_id, user_name, subscription, devices,
                       device_limit))

struct covered_region_view {
  static constexpr std::string_view schema_name = "CoveredRegion";

  region_code code;
  bool healthy = false;
};
BOOST_DESCRIBE_STRUCT(covered_region_view, (), (code, healthy))

struct covered_regions_answer {
  static constexpr std::string_view schema_name = "CoveredRegions";

  list<covered_region_view, length_range{0, 256}> regions;
};
BOOST_DESCRIBE_STRUCT(covered_regions_answer, (), (regions))

struct own_device_view {
  static constexpr std::string_view schema_name = "OwnDevice";

  models::device_id id;
  display_name name;
  text<length_range{1, 32}, printable_line> platform;
  models::device_state state = models::device_state::active;
  bool is_this_device = false;
  moment enrolled_at;
  std::optional<moment> last_seen_at;
  std::optional<moment> revoked_at;
};
BOOST_DESCRIBE_STRUCT(own_device_view, (),
                      (id, name, platform, state, is_this_device, enrolled_at, last_seen_at,
                       revoked_at))

struct own_devices_answer {
  static constexpr std::string_view schema_name = "OwnDevices";

  list<own_device_view, length_range{0, 1000}> devices;
};
BOOST_DESCRIBE_STRUCT(own_devices_answer, (), (devices))

}
