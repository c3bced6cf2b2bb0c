#pragma once

#include "httvps/backend/models/gateway_key.hpp"
#include "httvps/backend/schemas/infrastructure_documents.hpp"

namespace httvps::backend::schemas {

struct gateway_grant_view {
  static constexpr std::string_view schema_name = "GatewayGrant";

  models::node_id node_id;
  display_name name;
  region_code region;
  models::node_state state = models::node_state::enabled;
  std::optional<small_count> rank;
  std::optional<models::access_key_id> key_id;
  std::optional<models::key_state> key_state;
  std::optional<small_count> generation;
  std::optional<moment> handed_at;
};
BOOST_DESCRIBE_STRUCT(gateway_grant_view, (),
                      (node_id, name, region, state, rank, key_id, key_state, generation,
                       handed_at))

struct gateway_grant_page {
  static constexpr std::string_view schema_name = "GatewayGrantPage";

  page_items<gateway_grant_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(gateway_grant_page, (), (items, next_page_token))

struct held_usage {
  static constexpr std::string_view schema_name = "HeldUsage";

  models::gateway_id gateway_id;
  hex_epoch epoch;
  counter_value n;
  text<length_range{1, 64}, printable_line> node_id;
  counter_value up;
  counter_value down;
};
BOOST_DESCRIBE_STRUCT(held_usage, (), (gateway_id, epoch, n, node_id, up, down))

struct held_usage_page {
  static constexpr std::string_view schema_name = "HeldUsagePage";

  page_items<held_usage> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(held_usage_page, (), (items, next_page_token))

}
