#pragma once

#include "httvps/base/error.hpp"
#include "httvps/base/log.hpp"
#include "httvps/node/config/settings.hpp"

namespace httvps::node {

base::result<void> run_agent(const node_settings& settings, base::log_sink& sink);

}
