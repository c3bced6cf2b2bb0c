#pragma once

#include <boost/describe/enum.hpp>

namespace httvps::backend::models {

enum class signing_state { pending, signing, overlapping, retired };
BOOST_DESCRIBE_ENUM(signing_state, pending, signing, overlapping, retired)

}
