#pragma once

#include <string_view>

#include "httvps/backend/schemas/amended.hpp"

namespace httvps::backend::schemas {

using carrier_count = whole<number_range{1, 6}>;
using keepalive_seconds = whole<number_range{10, 60}>;
using carrier_age_seconds = whole<number_range{60, 86400}>;
using carrier_idle_seconds = whole<number_range{5, 3600}>;

struct policy_view {
  static constexpr std::string_view schema_name = "Policy";

  counter_value version;
  carrier_count carriers_most;
  keepalive_seconds keepalive_least_s;
  keepalive_seconds keepalive_most_s;
  carrier_age_seconds carrier_age_least_s;
  carrier_age_seconds carrier_age_most_s;
  carrier_idle_seconds carrier_idle_s;
};
BOOST_DESCRIBE_STRUCT(policy_view, (),
                      (version, carriers_most, keepalive_least_s, keepalive_most_s,
                       carrier_age_least_s, carrier_age_most_s, carrier_idle_s))

struct policy_change_request {
  static constexpr std::string_view schema_name = "PolicyChange";

  amended<carrier_count> carriers_most;
  amended<keepalive_seconds> keepalive_least_s;
  amended<keepalive_seconds> keepalive_most_s;
  amended<carrier_age_seconds> carrier_age_least_s;
  amended<carrier_age_seconds> carrier_age_most_s;
  amended<carrier_idle_seconds> carrier_idle_s;
};
BOOST_DESCRIBE_STRUCT(policy_change_request, (),
                      (carriers_most, keepalive_least_s, keepalive_most_s, carrier_age_least_s,
                       carrier_age_most_s, carrier_idle_s))

}
