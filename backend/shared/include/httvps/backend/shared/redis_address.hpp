#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::shared {

enum class redis_transport { tcp, unix_socket };

struct redis_address {
  redis_transport over = redis_transport::tcp;
  std::string host;
  std::uint16_t port = 6379;
  std::string path;
  std::string user;
  base::secret_bytes password;
  std::uint32_t database = 0;

  static base::result<redis_address> parse(std::string_view text);
};

}
