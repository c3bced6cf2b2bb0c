#pragma once

#include "httvps/net/tcp.hpp"

namespace httvps::net {

void tune_socket(int descriptor, const tcp_tuning& wanted) noexcept;
std::size_t unacknowledged_by(int descriptor) noexcept;
std::string congestion_control_of(int descriptor);

}
