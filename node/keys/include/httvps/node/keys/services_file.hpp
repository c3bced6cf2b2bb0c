#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "httvps/base/secret.hpp"
#include "httvps/node/keys/wanted_keys.hpp"

namespace httvps::node {

struct services_file {
  std::span<const std::string> listen;
  std::span<const node_key> keys;
  std::size_t listed = 0;
};

std::size_t count_to_list(std::size_t keys, std::span<const std::size_t> taken) noexcept;
base::secret_bytes to_yaml(const services_file& file);

}
