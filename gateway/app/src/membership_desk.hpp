#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "change_memory.hpp"
#include "drain_duty.hpp"
#include "httvps/base/log.hpp"
#include "httvps/gateway/app/worker.hpp"
#include "policy_memory.hpp"
#include "standing.hpp"
#include "state_keeper.hpp"

namespace httvps::gateway {

struct membership_parts {
  const gateway_settings& settings;
  control_plane& control;
  gateway_standing& standing;
  state_keeper& state;
  base::logger log;
  std::string own_key;
  gateway_place place;
  std::vector<worker*> workers;
  std::function<void(service_order)> follow;
};

class membership_desk {
 public:
  explicit membership_desk(membership_parts parts)
      : parts_(std::move(parts)),
        policies_(parts_.settings.state_dir, parts_.log.for_module("policy")) {}

  net::task<> become_member();
  net::task<> join_again();
  net::task<> refresh_config();
  net::task<> take_config(published_config config);
  bool is_behind(const heartbeat_answer& heard) const noexcept;
  void leave_to_successor() noexcept { is_left_ = true; }
  membership& held() noexcept { return member_; }
  const membership& held() const noexcept { return member_; }

 private:
  net::task<> join();
  net::task<> resume();
  void adopt(membership joined);
  join_request make_request() const;
  base::result<> apply(base::steady_time heard);
  base::result<> apply_now();
  void keep();
  void open_state();
  void take_up_state();
  void take_up(restored_state kept);
  void take_revocations(published_config& config);
  void spread(const std::optional<published_policy>& policy);
  void spread_revocations(const published_config& config);
  void spread_rotations(const published_config& config);

  membership_parts parts_;
  policy_memory policies_;
  change_memory node_keys_;
  membership member_;
  std::shared_ptr<const published_config> config_;
  std::optional<base::steady_time> heard_;
  std::uint64_t key_set_version_ = 0;
  bool is_left_ = false;
};

}
