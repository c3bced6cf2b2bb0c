#pragma once

#include "httvps/backend/schemas/infrastructure_documents.hpp"

namespace httvps::backend::schemas {

struct user_counts {
  static constexpr std::string_view schema_name = "UserCounts";

  counter_value active;
  counter_value suspended;
  counter_value deleted;
  counter_value counted_to;
};
BOOST_DESCRIBE_STRUCT(user_counts, (), (active, suspended, deleted, counted_to))

struct gateway_counts {
  static constexpr std::string_view schema_name = "GatewayCounts";

  counter_value serving;
  counter_value draining;
  counter_value silent;
  counter_value pending;
  counter_value disabled;
};
BOOST_DESCRIBE_STRUCT(gateway_counts, (), (serving, draining, silent, pending, disabled))

struct node_counts {
  static constexpr std::string_view schema_name = "NodeCounts";

  counter_value fit;
  counter_value unfit;
  counter_value draining;
  counter_value disabled;
};
BOOST_DESCRIBE_STRUCT(node_counts, (), (fit, unfit, draining, disabled))

struct attention_view {
  static constexpr std::string_view schema_name = "Attention";

  text<length_range{1, 64}, label_format> kind;
  text<length_range{0, 64}> object;
  text<length_range{0, 64}> name;
  sentence detail;
};
BOOST_DESCRIBE_STRUCT(attention_view, (), (kind, object, name, detail))

struct overview_answer {
  static constexpr std::string_view schema_name = "Overview";

  moment counted_at;
  user_counts users;
  counter_value online_sessions;
  usage_total today;
  usage_total seven_days;
  usage_total thirty_days;
  gateway_counts gateways;
  node_counts nodes;
  counter_value usage_lag_s;
  counter_value usage_waiting_batches;
  list<attention_view, length_range{0, 20}> attention;
};
BOOST_DESCRIBE_STRUCT(overview_answer, (),
                      (counted_at, users, online_sessions, today, seven_days, thirty_days, gateways,
                       nodes, usage_lag_s, usage_waiting_batches, attention))

inline constexpr std::size_t most_drifts_shown = 100;

struct path_drift_view {
  static constexpr std::string_view schema_name = "PathDrift";

  models::node_id node_id;
  models::gateway_id gateway_id;
  usage_total reported;
  usage_total counted;
};
BOOST_DESCRIBE_STRUCT(path_drift_view, (), (node_id, gateway_id, reported, counted))

struct drift_answer {
  static constexpr std::string_view schema_name = "Drift";

  day_text day;
  bool is_complete = false;
  counter_value nodes_compared;
  counter_value paths_compared;
  counter_value paths_over_bound;
  list<path_drift_view, length_range{0, most_drifts_shown}> worst;
};
BOOST_DESCRIBE_STRUCT(drift_answer, (),
                      (day, is_complete, nodes_compared, paths_compared, paths_over_bound, worst))

}
