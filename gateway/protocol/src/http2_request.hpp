#pragma once

#include "httvps/base/error.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::gateway {

base::result<net::http_request> read_http2_request(const net::http_fields& fields);
net::http_fields http2_answer_fields(const net::http_response& response);
std::string joined_cookies(const net::http_fields& fields);

}
