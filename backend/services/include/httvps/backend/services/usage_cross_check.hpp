#pragma once

#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr base::byte_count least_drift = base::byte_count(1) << 20U;
inline constexpr base::byte_count drift_parts = 100;
inline constexpr std::chrono::hours counters_settle{1};

class node_counter {
 public:
  virtual ~node_counter() = default;
  virtual base::result<std::vector<node_reading>> counted(const std::string& day) = 0;
};

class stored_node_counter final : public node_counter {
 public:
  explicit stored_node_counter(store& storage) noexcept : storage_(storage) {}
  base::result<std::vector<node_reading>> counted(const std::string& day) override;

 private:
  store& storage_;
};

struct path_drift {
  models::node_id node;
  models::gateway_id gateway;
  models::traffic reported = {};
  models::traffic counted = {};

  models::traffic bytes() const noexcept;
  bool is_over_bound() const noexcept;
};

struct day_drift {
  std::string day;
  std::size_t nodes = 0;
  std::vector<path_drift> paths = {};
  bool is_complete = true;
};

base::result<day_drift> compare_with_nodes(store& storage, node_counter& nodes,
                                           const std::string& day);

class usage_cross_check {
 public:
  explicit usage_cross_check(const service_tools& tools) : tools_(tools) {}

  base::result<std::optional<day_drift>> run() const;
  base::result<day_drift> on(const std::optional<std::string>& day) const;

 private:
  std::string last_settled_day() const;
  base::result<bool> is_rolled_up(const std::string& day) const;

  service_tools tools_;
};

}
