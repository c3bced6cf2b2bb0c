#pragma once

#include <memory>

#include "httvps/sdk/carrier_dialer.hpp"
#include "httvps/sdk/session_link.hpp"

namespace httvps::sdk {

net::task<std::shared_ptr<session_link>> open_control_session(dial_order order,
                                                              base::steady_time deadline);
net::task<> close_control_session(std::shared_ptr<session_link> link, base::steady_time deadline);

}
