#pragma once

#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::base {

std::string to_hex(byte_view bytes);
result<byte_vector> from_hex(std::string_view text);

std::string to_base64url(byte_view bytes);
result<byte_vector> from_base64url(std::string_view text);

std::string to_base64(byte_view bytes);
result<byte_vector> from_base64(std::string_view text);

std::string percent_encode(std::string_view text);
result<std::string> percent_decode(std::string_view text);

bool is_valid_utf8(std::string_view text) noexcept;

}
