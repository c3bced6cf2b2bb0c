#pragma once

#include <cstdint>
#include <string_view>

#include "httvps/backend/services/account_service.hpp"

namespace httvps::backend::services {

struct device_holder {
  models::device device;
  models::user user;
  subscription_report subscription;
  std::uint64_t earlier_devices = 0;
};

base::result<device_holder> load_holder(repositories& tables, const models::device_id& device,
                                        base::system_time now);
base::result<> check_subscription(const subscription_report& report);
base::result<> check_admission(const device_holder& holder, std::string_view region);
bool is_denial(const std::error_code& failure) noexcept;

}
