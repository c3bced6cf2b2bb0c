#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace httvps::cli {

std::string text_at(const boost::json::value& report, std::string_view pointer);
std::uint64_t number_at(const boost::json::value& report, std::string_view pointer);
double amount_at(const boost::json::value& report, std::string_view pointer);

}
