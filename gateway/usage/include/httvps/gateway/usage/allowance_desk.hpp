#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/usage/quota_account.hpp"
#include "httvps/gateway/usage/quota_memory.hpp"
#include "httvps/gateway/usage/rate_gate.hpp"
#include "httvps/net/event.hpp"

namespace httvps::gateway {

inline constexpr base::byte_count lease_least = 4 * base::mebibyte;
inline constexpr base::byte_count lease_most = 256 * base::mebibyte;
inline constexpr base::byte_count offline_quota_most = 5 * base::gibibyte;
inline constexpr std::size_t counted_most = 100'000;

struct allowance_request {
  std::string device_id;
  std::string subscription_id;
  std::string token = {};
  std::optional<std::uint64_t> up_bps = {};
  std::optional<std::uint64_t> down_bps = {};
  std::optional<quota_terms> quota = {};
  base::steady_time asked_at = {};
};

struct session_allowance {
  std::shared_ptr<rate_gate> up = nullptr;
  std::shared_ptr<rate_gate> down = nullptr;
  std::shared_ptr<quota_account> quota = nullptr;

  bool is_unlimited() const noexcept { return !up && !down && !is_metered(); }
  bool is_metered() const noexcept { return quota && quota->is_metered(); }
};

class allowance_source {
 public:
  virtual ~allowance_source() = default;
  virtual net::task<session_allowance> open(allowance_request wanted) = 0;
};

struct allowance_desk_parts {
  control_plane& control;
  base::clock& clock;
  gateway_probe& probe;
  base::logger log;
  std::string epoch;
};

class allowance_desk final : public allowance_source {
 public:
  allowance_desk(const net::executor& runs_on, allowance_desk_parts parts);
  allowance_desk(const allowance_desk&) = delete;
  allowance_desk& operator=(const allowance_desk&) = delete;
  ~allowance_desk() override;

  net::task<session_allowance> open(allowance_request wanted) override;
  net::task<> run();
  std::size_t accounts() const noexcept { return accounts_.size() + counted_.size(); }
  std::vector<quota_memory> memory() const;
  bool remembers_just(const std::vector<quota_memory>& quotas) const;
  void remember(std::vector<quota_memory> quotas);
  void forget_former_life() { former_.clear(); }

 private:
  struct account;
  using account_map = std::map<std::string, account>;
  struct gates {
    std::weak_ptr<rate_gate> up;
    std::weak_ptr<rate_gate> down;
  };

  template <typename Visit>
  void visit_memory(const Visit& visit) const;
  net::task<session_allowance> open_here(allowance_request wanted);
  net::task<> wait_for_grant(const account* opened);
  void forget_unused_gates();
  account& leased(const std::string& subscription);
  std::shared_ptr<quota_account> account_for(const allowance_request& wanted);
  std::shared_ptr<quota_account> taken_up(account& found);
  std::shared_ptr<quota_account> counted_for(const allowance_request& wanted);
  account& account_of(const std::string& subscription);
  std::vector<lease_item> due_items();
  net::task<> renew(std::vector<lease_item> items);
  void take(const lease_answer& answer);
  void take(account& each, const lease_grant& grant) const;
  void refuse(account& each) const;
  void go_offline(const std::vector<lease_item>& items);

  net::executor runs_on_;
  allowance_desk_parts parts_;
  net::event wake_;
  account_map accounts_;
  account_map counted_;
  std::map<std::string, quota_memory> former_;
  std::map<std::string, gates> gates_;
  std::size_t look_at_gates_from_ = 0;
  bool busy_ = false;
};

}
