#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::net {

struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

base::result<endpoint> parse_endpoint(std::string_view text);
std::string to_text(const endpoint& place);
bool is_address(std::string_view host);
bool is_loopback(std::string_view host);

}
