#pragma once

#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::gateway {

net::http_response answer_from_site(const net::http_request& request, base::system_time now);
net::http_response bad_request_page(base::system_time now);
net::http_response plain_http_page(base::system_time now);

}
