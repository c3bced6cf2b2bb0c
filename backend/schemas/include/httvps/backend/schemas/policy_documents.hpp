#pragma once

#include <string_view>

#include "httvps/backend/schemas/amended.hpp"
#include "httvps/identity/policy.hpp"

namespace httvps::backend::schemas {

constexpr number_range seconds_in(const identity::span_range& bounds) noexcept {
  return {bounds.least.count(), bounds.most.count()};
}

using carrier_count = whole<number_range{1, identity::policy_carriers_most}>;
using keepalive_seconds = whole<seconds_in(identity::keepalive_bounds)>;
using carrier_age_seconds = whole<seconds_in(identity::carrier_age_bounds)>;
using carrier_idle_seconds = whole<seconds_in(identity::carrier_idle_bounds)>;

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
