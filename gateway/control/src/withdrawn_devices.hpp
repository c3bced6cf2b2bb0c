#pragma once

#include <boost/json.hpp>
#include <vector>

#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

base::result<std::vector<withdrawn_device>> withdrawn_devices_in(const boost::json::object& config);

}
