#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "httvps/backend/services/key_service.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds managed_pause_least{2};
inline constexpr std::chrono::seconds managed_pause_most{300};
inline constexpr std::chrono::minutes transfer_interval{5};
inline constexpr std::size_t managed_at_once = 8;

struct managed_limits {
  std::chrono::seconds exchange{10};
  std::chrono::seconds visit{20};
};

class managed_nodes {
 public:
  managed_nodes(const service_tools& tools, const key_service& keys,
                const managed_limits& limits = {})
      : tools_(tools), keys_(keys), limits_(limits) {}
  managed_nodes(const managed_nodes&) = delete;
  managed_nodes& operator=(const managed_nodes&) = delete;

  base::result<> work();

 private:
  struct pace {
    std::uint64_t revision = 0;
    base::steady_time next_try{};
    std::chrono::seconds pause = managed_pause_least;
    base::steady_time next_transfer{};
  };
  struct duty {
    models::node node;
    models::keyring ring;
    std::vector<models::gateway_key> keys;
    bool is_rollout_due = false;
    bool is_transfer_due = false;
  };

  base::result<std::vector<duty>> due(repositories& tables);
  void visit_all(const std::vector<duty>& duties);
  base::result<> roll_out(const duty& one) const;
  base::result<> read_transfer(const duty& one) const;
  void look_after(const duty& one);
  void note(const duty& one, const base::result<>& outcome);

  service_tools tools_;
  const key_service& keys_;
  managed_limits limits_;
  std::mutex mutex_;
  std::map<models::node_id, pace> paces_;
};

}
