#pragma once

#include <boost/json/object.hpp>
#include <boost/json/string_view.hpp>
#include <string_view>

namespace httvps::backend::api {

boost::json::string_view to_json(std::string_view text);
boost::json::object content_of(std::string_view type, boost::json::object schema);

}
