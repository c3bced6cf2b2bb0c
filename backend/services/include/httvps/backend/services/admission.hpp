#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "httvps/backend/services/account_service.hpp"

namespace httvps::backend::services {

struct device_holder {
  models::device device;
  models::user user;
  subscription_report subscription;
  std::uint64_t earlier_devices = 0;
  bool is_known_session = false;
  base::byte_count leased = 0;

  std::optional<base::byte_count> unleased() const noexcept;
};

using holder_list = std::vector<std::optional<device_holder>>;

base::result<holder_list> load_holders(repositories& tables,
                                       std::span<const admission_query> wanted,
                                       base::system_time now);
base::result<device_holder> load_holder(repositories& tables, const models::device_id& device,
                                        base::system_time now);
void begin_use(device_holder& holder, base::system_time now);
base::result<> check_subscription(const subscription_report& report);
base::result<> check_admission(const device_holder& holder, std::string_view region);
bool is_denial(const std::error_code& failure) noexcept;

}
