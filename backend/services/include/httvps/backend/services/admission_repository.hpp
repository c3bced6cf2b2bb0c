#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/device.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

struct admission_query {
  models::device_id device;
  models::gateway_id gateway = {};
  std::string session = {};
};

struct admission_facts {
  models::device device;
  models::user user;
  models::subscription subject;
  models::plan terms;
  std::uint64_t earlier_devices = 0;
  bool is_known_session = false;
};

struct period_counts {
  models::period_use use;
  base::byte_count leased = 0;
};

struct seen_device {
  models::device_id device;
  base::system_time at;
};

class admission_repository {
 public:
  virtual ~admission_repository() = default;
  virtual base::result<std::vector<std::optional<admission_facts>>> find(
      std::span<const admission_query> wanted, base::system_time now) = 0;
  virtual base::result<std::vector<period_counts>> count(std::span<const period_name> periods,
                                                         base::system_time renewed_after) = 0;
  virtual base::result<> save_sessions(std::span<const models::known_session> sessions) = 0;
  virtual base::result<> begin_use(std::span<const models::subscription> begun) = 0;
  virtual base::result<> mark_seen(std::span<const seen_device> devices) = 0;
};

}
