#pragma once

#include <cstddef>
#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::node {

base::result<void> make_private_folder(const std::string& path);
base::result<base::secret_bytes> read_private_file(const std::string& path, std::size_t limit);
base::result<void> replace_private_file(const std::string& path, const base::secret_bytes& content);

}
