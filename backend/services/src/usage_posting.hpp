#pragma once

#include <map>
#include <utility>
#include <vector>

#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

class usage_posting {
 public:
  usage_posting(repositories& tables, const service_tools& tools, const accepted_usage& received)
      : tables_(tables), tools_(tools), received_(received), epoch_(received.name.epoch) {}

  base::result<> post();
  const posted_usage& posted() const noexcept { return posted_; }
  std::vector<models::usage_delta> deltas() const;
  std::vector<rolled_share> quota_shares() const;

 private:
  struct counter {
    models::traffic counted;
    bool is_stored = false;
    bool is_changed = false;
  };
  using counter_name = std::pair<std::uint64_t, models::node_id>;
  using delta_name = std::pair<std::uint64_t, models::node_id>;
  using holder_map = std::map<std::uint64_t, models::device_id>;

  base::result<> load_sessions(const session_numbers& numbers);
  base::result<bool> is_closed();
  base::result<> open_sessions();
  base::result<> leave_out_pruned(holder_map& holders);
  base::result<> end_sessions();
  base::result<std::optional<models::usage_session>> session_for(std::uint64_t number,
                                                                 const models::device_id& holder);
  base::result<> load_counters(const session_numbers& numbers);
  base::result<> release_held(const session_numbers& opened);
  base::result<> release_held(const models::session_traffic& held);
  base::result<bool> is_known(const models::node_id& node);
  base::result<> post(const accepted_line& line);
  base::result<> hold(const models::session_traffic& unattributed);
  void count(std::uint64_t number, const models::node_id& node, const models::traffic& counted);
  base::result<> save_counters();
  holder_map holders_of_unknown() const;

  repositories& tables_;
  const service_tools& tools_;
  const accepted_usage& received_;
  epoch_name epoch_;
  posted_usage posted_{.batches = 1};
  session_numbers opened_;
  std::map<std::uint64_t, models::metered_session> sessions_;
  std::map<counter_name, counter> counters_;
  std::map<delta_name, models::traffic> grown_;
  std::map<models::node_id, bool> nodes_;
};

base::result<> hold_epoch(repositories& tables, const service_tools& tools,
                          const epoch_name& epoch);
base::result<posted_usage> post_lines(repositories& tables, const service_tools& tools,
                                      const accepted_usage& accepted);
std::vector<models::period_share> shares_by_period(const std::vector<models::usage_delta>& deltas);
std::vector<models::usage_row> shares_by_day(const std::vector<models::usage_delta>& deltas);

}
