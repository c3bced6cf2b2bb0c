#pragma once

#include <optional>
#include <string>

#include "httvps/identity/enrolment_link.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/device_account.hpp"

namespace httvps::sdk {

enum class present_enrolment { keep, replace };

struct enrolment_order {
  identity::enrolment_link link;
  std::string name;
  std::string platform = "linux";
  present_enrolment present = present_enrolment::keep;
  std::optional<net::endpoint> connect_to = std::nullopt;
};

control_task<device_account> enrol_device(state_store store, enrolment_order order,
                                          base::steady_time deadline);

}
