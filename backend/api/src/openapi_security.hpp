#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "route.hpp"

namespace httvps::backend::api {

boost::json::array security_of(access wanted);
boost::json::object security_schemes();

}
