#pragma once

#include <cstdint>

#include "httvps/base/bytes.hpp"

namespace httvps::base {

std::uint32_t crc32c(byte_view bytes) noexcept;

}
