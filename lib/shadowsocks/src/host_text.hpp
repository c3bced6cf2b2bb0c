#pragma once

#include <string>
#include <string_view>

#include "httvps/shadowsocks/errc.hpp"

namespace httvps::shadowsocks {

base::result<std::string> parse_host(std::string_view text);

}
