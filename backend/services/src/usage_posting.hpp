#pragma once

#include <map>
#include <utility>
#include <vector>

#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

struct received_batch {
  const models::gateway& gateway;
  const usage_report& report;
  const std::string& digest;
  base::system_time at;
};

class usage_posting {
 public:
  usage_posting(repositories& tables, const service_tools& tools, const received_batch& received)
      : tables_(tables),
        tools_(tools),
        received_(received),
        epoch_{.gateway = received.gateway.id, .epoch = received.report.epoch} {}

  base::result<> post();
  const usage_receipt& receipt() const noexcept { return receipt_; }
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
  using token_map = std::map<std::uint64_t, std::string>;

  base::result<> load_sessions(const session_numbers& numbers);
  base::result<bool> is_closed();
  base::result<> open_sessions();
  base::result<> leave_out_pruned(token_map& tokens);
  base::result<> end_sessions();
  base::result<std::optional<models::usage_session>> session_for(std::uint64_t number,
                                                                 const std::string& token);
  base::result<> load_counters(const session_numbers& numbers);
  base::result<> release_held(const session_numbers& opened);
  base::result<> release_held(const models::session_traffic& held);
  base::result<bool> is_known(const models::node_id& node);
  base::result<> post(const usage_report_line& line);
  base::result<> hold(const models::session_traffic& unattributed);
  void count(std::uint64_t number, const models::node_id& node, const models::traffic& counted);
  base::result<> save_counters();
  token_map tokens_of_unknown() const;

  repositories& tables_;
  const service_tools& tools_;
  const received_batch& received_;
  epoch_name epoch_;
  usage_receipt receipt_;
  session_numbers opened_;
  std::map<std::uint64_t, models::metered_session> sessions_;
  std::map<counter_name, counter> counters_;
  std::map<delta_name, models::traffic> grown_;
  std::map<models::node_id, bool> nodes_;
};

std::vector<models::period_share> shares_by_period(const std::vector<models::usage_delta>& deltas);
std::vector<models::usage_row> shares_by_day(const std::vector<models::usage_delta>& deltas);

}
