#pragma once

#include <vector>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr double alarming_drift = 0.05;
inline constexpr base::byte_count least_compared = base::byte_count(1) << 20U;

struct node_reading {
  models::node_id node;
  base::byte_count bytes = 0;
};

class node_counter {
 public:
  virtual ~node_counter() = default;
  virtual base::result<std::vector<node_reading>> counted(const hour_range& hours) = 0;
};

struct node_drift {
  models::node_id node;
  base::byte_count reported = 0;
  base::byte_count counted = 0;
  double ratio = 0;

  bool is_alarming() const noexcept { return ratio > alarming_drift || ratio < -alarming_drift; }
};

base::result<std::vector<node_drift>> compare_with_nodes(store& storage, node_counter& nodes,
                                                         const hour_range& hours);

}
