#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/schemas/amended.hpp"
#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "httvps/backend/schemas/selection_documents.hpp"

namespace httvps::backend::schemas {

struct region_request {
  static constexpr std::string_view schema_name = "RegionRequest";
  static boost::json::array schema_terms() {
    return {detail::both_or_neither("latitude_millionths", "longitude_millionths")};
  }

  region_code code;
  std::optional<latitude> latitude_millionths;
  std::optional<longitude> longitude_millionths;
  std::optional<display_name> name;
  std::optional<country_code> country;
};
BOOST_DESCRIBE_STRUCT(region_request, (),
                      (code, latitude_millionths, longitude_millionths, name, country))

struct region_change_request {
  static constexpr std::string_view schema_name = "RegionChange";

  amended<std::optional<latitude>> latitude_millionths;
  amended<std::optional<longitude>> longitude_millionths;
  amended<std::optional<display_name>> name;
  amended<std::optional<country_code>> country;
};
BOOST_DESCRIBE_STRUCT(region_change_request, (),
                      (latitude_millionths, longitude_millionths, name, country))

struct region_list_answer {
  static constexpr std::string_view schema_name = "RegionList";

  page_items<region_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(region_list_answer, (), (items, next_page_token))

struct node_change_request {
  static constexpr std::string_view schema_name = "NodeChange";

  amended<display_name> name;
  amended<region_code> region;
  amended<small_count> weight;
  amended<models::node_state> state;
  amended<std::optional<bits_per_second>> capacity_bps;
  amended<std::optional<session_capacity>> max_sessions;
  amended<node_labels> labels;
  amended<std::optional<counter_value>> key_limit_bytes;
};
BOOST_DESCRIBE_STRUCT(node_change_request, (),
                      (name, region, weight, state, capacity_bps, max_sessions, labels,
                       key_limit_bytes))

struct gateway_change_request {
  static constexpr std::string_view schema_name = "GatewayChange";

  amended<display_name> name;
  amended<small_count> weight;
  amended<std::optional<bits_per_second>> capacity_bps;
  amended<std::optional<session_capacity>> max_sessions;
};
BOOST_DESCRIBE_STRUCT(gateway_change_request, (), (name, weight, capacity_bps, max_sessions))

struct access_key_view {
  static constexpr std::string_view schema_name = "AccessKey";

  models::access_key_id id;
  models::node_id node_id;
  models::gateway_id gateway_id;
  counter_value generation;
  models::key_state state = models::key_state::pending;
  text<length_range{1, 64}> method;
  counter_value age_s;
  moment created_at;
  std::optional<moment> activated_at;
  std::optional<moment> retire_at;
  std::optional<moment> removed_at;
  std::optional<moment> handed_at;
};
BOOST_DESCRIBE_STRUCT(access_key_view, (),
                      (id, node_id, gateway_id, generation, state, method, age_s, created_at,
                       activated_at, retire_at, removed_at, handed_at))

struct access_key_page {
  static constexpr std::string_view schema_name = "AccessKeyPage";

  page_items<access_key_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(access_key_page, (), (items, next_page_token))

}
