#pragma once

#include <cstddef>

namespace httvps::net {

inline constexpr std::size_t http2_replies_most = 16 * 1024;

}
