#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/outline/management_types.hpp"

namespace httvps::outline {

base::result<std::string> encode_wish(const key_wish& wish);
std::string encode_limit(base::byte_count most);
std::string encode_text(std::string_view name, std::string_view text);
std::string encode_port(std::uint16_t port);

base::result<managed_key> decode_key(std::string_view body);
base::result<std::vector<managed_key>> decode_keys(std::string_view body);
base::result<managed_server> decode_server(std::string_view body);
base::result<transferred> decode_transfer(std::string_view body);

base::error refusal_of(int status, std::string_view body);

}
