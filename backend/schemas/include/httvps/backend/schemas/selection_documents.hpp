#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string_view>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

enum class node_obstacle { none, draining, disabled, suspect, out, gone, ejected };
BOOST_DESCRIBE_ENUM(node_obstacle, none, draining, disabled, suspect, out, gone, ejected)

enum class assignment_reason {
  kept,
  running_out,
  first,
  unhealthy,
  ejected,
  outweighed,
  withdrawn
};
BOOST_DESCRIBE_ENUM(assignment_reason, kept, running_out, first, unhealthy, ejected, outweighed,
                    withdrawn)

using thousandths = whole<number_range{0, 100000000}>;

struct weight_view {
  static constexpr std::string_view schema_name = "NodeWeight";

  thousandths weight;
  thousandths admin;
  load headroom;
  load quality;
  load nearness;
  load slow_start;
  load freshness;
};
BOOST_DESCRIBE_STRUCT(weight_view, (),
                      (weight, admin, headroom, quality, nearness, slow_start, freshness))

struct explained_candidate {
  static constexpr std::string_view schema_name = "ExplainedNode";

  models::node_id node_id;
  text<length_range{0, 253}> failure_domain;
  node_obstacle obstacle = node_obstacle::none;
  bool granted = true;
  std::optional<load> utilisation;
  counter_value ejected_for_s;
  weight_view factors;
};
BOOST_DESCRIBE_STRUCT(explained_candidate, (),
                      (node_id, failure_domain, obstacle, granted, utilisation, ejected_for_s,
                       factors))

using latitude = whole<number_range{-90000000, 90000000}>;
using longitude = whole<number_range{-180000000, 180000000}>;

struct region_place_request {
  static constexpr std::string_view schema_name = "RegionPlaceRequest";

  whole<number_range{-90000000, 90000000}> latitude_millionths;
  whole<number_range{-180000000, 180000000}> longitude_millionths;
};
BOOST_DESCRIBE_STRUCT(region_place_request, (), (latitude_millionths, longitude_millionths))

struct region_view {
  static constexpr std::string_view schema_name = "Region";

  region_code code;
  std::optional<latitude> latitude_millionths;
  std::optional<longitude> longitude_millionths;
  std::optional<display_name> name;
  std::optional<country_code> country;
};
BOOST_DESCRIBE_STRUCT(region_view, (),
                      (code, latitude_millionths, longitude_millionths, name, country))

struct explained_region {
  static constexpr std::string_view schema_name = "ExplainedRegion";

  region_code code;
  load free;
  bool panicking = false;
};
BOOST_DESCRIBE_STRUCT(explained_region, (), (code, free, panicking))

struct explained_gateway {
  static constexpr std::string_view schema_name = "ExplainedGateway";

  models::gateway_id gateway_id;
  text<length_range{0, 253}> failure_domain;
  node_obstacle obstacle = node_obstacle::none;
  bool asked = false;
  std::optional<load> utilisation;
  weight_view factors;
};
BOOST_DESCRIBE_STRUCT(explained_gateway, (),
                      (gateway_id, failure_domain, obstacle, asked, utilisation, factors))

struct gateways_explained {
  static constexpr std::string_view schema_name = "GatewaysExplained";

  region_code region;
  std::optional<assignment_reason> reason;
  text<length_range{0, 200}> sentence;
  list<models::gateway_id, length_range{0, 3}> would_be_told;
  list<explained_gateway, length_range{0, 10000}> candidates;
};
BOOST_DESCRIBE_STRUCT(gateways_explained, (), (region, reason, sentence, would_be_told, candidates))

struct assignment_explained {
  static constexpr std::string_view schema_name = "AssignmentExplained";

  models::device_id device_id;
  models::gateway_id gateway_id;
  region_code region;
  models::node_id node_id;
  moment lease_until;
  std::optional<assignment_reason> reason;
  text<length_range{0, 200}> sentence;
  list<models::node_id, length_range{0, 3}> would_get;
  list<explained_candidate, length_range{0, 10000}> candidates;
  list<explained_region, length_range{0, 1000}> regions;
  gateways_explained gateways;
};
BOOST_DESCRIBE_STRUCT(assignment_explained, (),
                      (device_id, gateway_id, region, node_id, lease_until, reason, sentence,
                       would_get, candidates, regions, gateways))

}
