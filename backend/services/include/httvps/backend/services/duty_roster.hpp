#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/backend/services/worker_leases.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds duty_round{2};
inline constexpr std::chrono::seconds duty_term{10};
inline constexpr std::chrono::seconds duty_renewal{6};

struct duty_claim {
  std::string name;
  std::string holder;
};

class duty_roster {
 public:
  duty_roster(const service_tools& tools, std::vector<duty_claim> claims);
  duty_roster(const duty_roster&) = delete;
  duty_roster& operator=(const duty_roster&) = delete;
  ~duty_roster() = default;

  base::result<> renew();
  base::result<> release();
  bool holds(std::string_view name) const;
  const std::vector<duty_claim>& claims() const noexcept { return claims_; }

 private:
  base::result<> renew(const duty_claim& claim);
  base::result<bool> wants(const duty_claim& claim, base::system_time now) const;
  void note(const std::string& name, base::system_time until);

  service_tools tools_;
  std::vector<duty_claim> claims_;
  mutable std::mutex mutex_;
  std::map<std::string, base::system_time, std::less<>> held_until_;
};

}
