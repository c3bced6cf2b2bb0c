#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::outline {

struct managed_key {
  std::string id;
  std::string name;
  base::secret_bytes password;
  base::secret_bytes access_url;
  std::string method;
  std::uint16_t port = 0;
  std::optional<base::byte_count> data_limit;
};

struct key_wish {
  std::string name = {};
  std::string method = {};
  base::secret_bytes password = {};
  std::optional<std::uint16_t> port = std::nullopt;
  std::optional<base::byte_count> data_limit = std::nullopt;
};

struct managed_server {
  std::string name;
  std::string server_id;
  std::string version;
  std::string hostname;
  std::uint16_t port_for_new_keys = 0;
  std::optional<base::byte_count> default_data_limit;
};

using transferred = std::map<std::string, base::byte_count, std::less<>>;

}
