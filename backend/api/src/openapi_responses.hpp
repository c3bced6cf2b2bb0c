#pragma once

#include <boost/json/object.hpp>

#include "route.hpp"

namespace httvps::backend::api {

boost::json::object responses_of(const route& one, schemas::component_set& components);
boost::json::object problem_responses(const route_table& table, schemas::component_set& components);
boost::json::object shared_headers();

}
