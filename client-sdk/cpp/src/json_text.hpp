#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "httvps/base/clock.hpp"

namespace httvps::sdk {

std::optional<boost::json::object> parse_object(std::string_view text);
std::string_view text_in(const boost::json::object& fields, std::string_view name);
std::optional<std::int64_t> number_in(const boost::json::object& fields, std::string_view name);
std::optional<base::system_time> moment_in(const boost::json::object& fields,
                                           std::string_view name);

}
