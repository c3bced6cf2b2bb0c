#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/selection/ejection.hpp"
#include "httvps/backend/selection/health.hpp"
#include "httvps/backend/selection/weight.hpp"

namespace httvps::backend::selection {

enum class service_state { serving, draining, disabled };
BOOST_DESCRIBE_ENUM(service_state, serving, draining, disabled)

struct member {
  std::string id;
  std::string region;
  std::string domain;
  double weight = 1;
  member_capacity capacity;
  service_state state = service_state::serving;
};

struct connect_outcome {
  std::string member;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::optional<base::duration> round_trip;
};

enum class obstacle { none, draining, disabled, suspect, out, gone, ejected };
BOOST_DESCRIBE_ENUM(obstacle, none, draining, disabled, suspect, out, gone, ejected)

struct standing {
  std::string id;
  std::string region;
  std::string domain;
  health stage = health::healthy;
  obstacle unfit = obstacle::none;
  base::duration ejected_for{};
  std::optional<double> utilisation;
  weight_factors factors;
};

struct region_standing {
  std::string code;
  double share = 0;
  bool is_panicking = false;
};

enum class pool_event_kind { health_changed, ejected, readmitted, panic_began, panic_ended };
BOOST_DESCRIBE_ENUM(pool_event_kind, health_changed, ejected, readmitted, panic_began, panic_ended)

struct pool_event {
  pool_event_kind kind = pool_event_kind::health_changed;
  std::string region;
  std::string member;
  health stage = health::healthy;
  ejection_cause cause = ejection_cause::failures_in_a_row;
};

}
