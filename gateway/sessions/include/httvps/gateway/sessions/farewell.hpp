#pragma once

#include <string>

#include "httvps/gateway/auth/device_standing.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::gateway {

struct farewell {
  wire::errc code{};
  std::string sentence;
};

farewell farewell_at(withdrawal how);
farewell farewell_at(lease_end why);
farewell farewell_at_expiry();

}
