#pragma once

#include "httvps/base/error.hpp"
#include "httvps/base/log.hpp"
#include "httvps/gateway/config/settings.hpp"

namespace httvps::gateway {

base::result<void> run_gateway(const gateway_settings& settings, base::log_sink& sink);

}
