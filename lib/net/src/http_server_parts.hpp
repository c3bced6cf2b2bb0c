#pragma once

#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::net {

http_response problem_response(int status, std::string_view code);
int status_for(const base::error& failure) noexcept;
std::string request_id_for(const http_request& request);
std::string http_date(base::system_time moment);

}
