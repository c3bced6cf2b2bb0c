#pragma once

#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

base::result<std::string_view> find_cookie(std::string_view header, std::string_view name);

}
