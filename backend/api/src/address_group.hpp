#pragma once

#include <string>
#include <string_view>

namespace httvps::backend::api {

std::string address_group(std::string_view peer);

}
