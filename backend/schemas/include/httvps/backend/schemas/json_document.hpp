#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "httvps/backend/schemas/problem.hpp"

namespace httvps::backend::schemas {

inline constexpr std::size_t deepest_nesting = 8;
inline constexpr std::size_t most_object_members = 64;

parsed<boost::json::value> parse_document(std::string_view text);

}
