#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/sdk/state_store.hpp"

namespace httvps::sdk {

inline constexpr int renewal_percent = 80;
inline constexpr std::chrono::minutes config_lease{15};
inline constexpr std::chrono::minutes least_config_lease{1};
inline constexpr std::chrono::hours longest_config_lease{1};

struct fresh_documents {
  std::string token;
  std::string key_set;
  std::optional<std::string> config = std::nullopt;
  std::optional<base::system_time> lease_until = std::nullopt;
};

struct told_policy {
  std::uint64_t version = 0;
  std::string document;
};

enum class policy_news { known, changed };

class device_account {
 public:
  static base::result<device_account> make(identity::signing_key key, enrolment_record record,
                                           base::system_time now);
  static base::result<device_account> load(const state_store& store, base::system_time now);

  const identity::signing_key& key() const noexcept { return key_; }
  const enrolment_record& record() const noexcept { return record_; }
  const identity::access_claims& access() const noexcept { return access_; }
  const identity::config_claims& config() const noexcept { return config_; }
  std::string_view token() const noexcept { return record_.token.reveal_text(); }

  std::vector<identity::gateway_entry> gateways() const;
  bool token_expired(base::system_time now) const noexcept { return now >= access_.expires; }
  base::system_time renew_at() const noexcept;
  base::system_time lease_until() const noexcept { return lease_until_; }

  void choose_region(std::string region);
  const std::string& region() const noexcept { return region_; }
  bool region_pending() const noexcept { return region_pending_; }

  bool wants_config(std::string_view key_set, base::system_time now) const noexcept;
  base::result<> refresh(const fresh_documents& fresh, base::system_time now);

  const std::optional<identity::policy_claims>& policy() const noexcept { return policy_; }
  base::result<policy_news> take_policy(const told_policy& told, base::system_time now);

 private:
  device_account(identity::signing_key key, enrolment_record record, identity::key_set keys)
      : key_(std::move(key)), record_(std::move(record)), keys_(std::move(keys)) {}

  base::result<> verify(base::system_time now);
  void read_kept_policy(base::system_time now);

  identity::signing_key key_;
  enrolment_record record_;
  identity::key_set keys_;
  identity::access_claims access_ = {};
  identity::config_claims config_ = {};
  std::optional<identity::policy_claims> policy_ = {};
  base::system_time lease_until_ = {};
  std::string region_ = {};
  bool region_pending_ = false;
};

}
