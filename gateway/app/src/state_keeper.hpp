#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/gateway/state/state_file.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/net/blocking_pool.hpp"

namespace httvps::gateway {

struct state_keeper_parts {
  const base::clock& clock;
  base::logger log;
  base::metric_registry& registry;
  std::string folder;
  base::secret_bytes own_secret;
  validation_cache& validated;
  grant_memory& grants;
  allowance_desk& allowances;
  std::function<bool()> is_approved;
  base::duration interval{};
};

struct restored_state {
  std::shared_ptr<const published_config> config;
  std::chrono::seconds silent_for{0};
};

class state_keeper {
 public:
  explicit state_keeper(state_keeper_parts parts);

  base::result<> open(const std::string& gateway_id);
  std::optional<restored_state> restore(const state_demands& demands);
  void use(std::shared_ptr<const published_config> config) { config_ = std::move(config); }
  void note_contact();
  net::task<> run();
  net::task<> settle();
  void stop() noexcept { is_stopped_ = true; }

 private:
  struct facts {
    std::uint64_t devices = 0;
    std::uint64_t grants = 0;
    std::shared_ptr<const published_config> config;
    bool approved = false;
    base::system_time heard_at;
  };

  facts look() const;
  bool differs(const facts& seen) const;
  net::task<> keep_if_changed();
  net::task<std::size_t> write(facts seen, std::vector<quota_memory> quotas);
  void note(const base::result<std::size_t>& written);
  void remember(gateway_state state);

  state_keeper_parts parts_;
  base::counter written_;
  base::counter failed_;
  std::shared_ptr<state_file> file_;
  std::shared_ptr<const published_config> config_;
  base::system_time heard_at_;
  facts kept_;
  std::vector<quota_memory> kept_quotas_;
  std::size_t bytes_ = 0;
  std::size_t restored_devices_ = 0;
  base::error last_failure_;
  bool is_stopped_ = false;
  net::blocking_pool disk_{{.threads = 1}};
};

}
