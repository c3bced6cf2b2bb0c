#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "gateway/support/scripted_backend.hpp"

namespace httvps::testing {

backend_call call_of(const std::string& path);
net::http_response reply(int status, const boost::json::value& body);
net::http_response problem(int status, const std::string& code);
std::string text_of(const boost::json::object& object, const char* name);
usage_delivery delivery_of(const std::string& body);

}
