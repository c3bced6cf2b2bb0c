#pragma once

#include <netinet/in.h>

#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

using endpoint = sockaddr_in;

base::result<endpoint> parse_endpoint(std::string_view text);
std::string to_text(const endpoint& address);

base::result<descriptor> start_connecting(const endpoint& address);
base::result<void> finish_connecting(const descriptor& socket);
base::result<descriptor> listen_on(const endpoint& address);
base::result<endpoint> bound_address(const descriptor& socket);
void send_without_delay(const descriptor& socket);

}
