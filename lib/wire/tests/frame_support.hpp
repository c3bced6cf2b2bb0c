#pragma once

#include <vector>

#include "httvps/wire/errc.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {

base::byte_vector encode(const frame& value);

base::result<std::vector<base::byte_vector>> decode_all(const std::vector<byte_view>& pieces);

}
