#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {

inline constexpr std::uint64_t most_counted_users = 100'000;
inline constexpr std::size_t most_attention_items = 20;
inline constexpr std::chrono::seconds figures_kept_for{30};
inline constexpr std::chrono::seconds usage_late_after{30};
inline constexpr std::chrono::seconds most_clock_skew{30};

enum class attention_kind {
  usage_late,
  gateway_silent,
  node_unfit,
  gateway_fault,
  clock_skewed,
  gateway_pending
};
BOOST_DESCRIBE_ENUM(attention_kind, usage_late, gateway_silent, node_unfit, gateway_fault,
                    clock_skewed, gateway_pending)

struct attention_item {
  attention_kind kind = attention_kind::usage_late;
  std::string object = {};
  std::string name = {};
  std::string detail = {};
};

struct overview_figures {
  base::system_time counted_at;
  std::uint64_t active_users = 0;
  std::uint64_t suspended_users = 0;
  std::uint64_t deleted_users = 0;
  models::traffic today;
  models::traffic seven_days;
  models::traffic thirty_days;
};

struct gateway_counts {
  std::uint64_t serving = 0;
  std::uint64_t draining = 0;
  std::uint64_t silent = 0;
  std::uint64_t pending = 0;
  std::uint64_t disabled = 0;
};

struct node_counts {
  std::uint64_t fit = 0;
  std::uint64_t unfit = 0;
  std::uint64_t draining = 0;
  std::uint64_t disabled = 0;
};

struct deployment_overview {
  overview_figures figures;
  std::uint64_t online_sessions = 0;
  gateway_counts gateways;
  node_counts nodes;
  std::uint64_t waiting_batches = 0;
  std::chrono::seconds usage_lag{0};
  std::vector<attention_item> attention;
};

class overview_service {
 public:
  overview_service(store& storage, node_fleet& fleet, const base::clock& clock)
      : storage_(storage), fleet_(fleet), clock_(clock) {}

  base::result<deployment_overview> look();

 private:
  base::result<overview_figures> figures();
  std::optional<overview_figures> kept() const;
  bool is_fresh(const std::optional<overview_figures>& known) const;
  base::result<overview_figures> count(repositories& tables) const;

  store& storage_;
  node_fleet& fleet_;
  const base::clock& clock_;
  std::mutex counting_;
  mutable std::mutex mutex_;
  std::optional<overview_figures> kept_;
};

}
