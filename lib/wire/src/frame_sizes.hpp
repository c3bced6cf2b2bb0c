#pragma once

#include <string_view>

#include "httvps/wire/frame.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {

inline std::uint64_t number_of(stream_id stream) {
  return static_cast<std::uint64_t>(stream);
}

inline std::uint64_t number_of(carrier_number carrier) {
  return static_cast<std::uint64_t>(carrier);
}

inline std::size_t size_of(stream_id stream) {
  return varint_size(number_of(stream));
}

inline std::size_t size_of(std::string_view text) {
  return varint_size(text.size()) + text.size();
}

}
