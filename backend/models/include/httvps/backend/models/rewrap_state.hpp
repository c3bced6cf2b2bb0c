#pragma once

#include <boost/describe/enum.hpp>

namespace httvps::backend::models {

enum class rewrap_state { idle, running, done };
BOOST_DESCRIBE_ENUM(rewrap_state, idle, running, done)

}
