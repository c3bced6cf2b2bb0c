#pragma once

#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/errc.hpp"

namespace httvps::shadowsocks {

base::result<base::byte_vector> prefix_from_text(std::string_view text);
std::string prefix_to_text(base::byte_view prefix);

}
