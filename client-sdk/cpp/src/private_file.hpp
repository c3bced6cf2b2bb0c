#pragma once

#include <cstddef>
#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::sdk {

base::result<> check_private_folder(const std::string& path);
base::result<> create_private_folder(const std::string& path);
base::result<base::secret_bytes> read_private_file(const std::string& path, std::size_t limit);
base::result<> replace_private_file(const std::string& path, const base::secret_bytes& content);
base::result<> rename_durably(const std::string& from, const std::string& to);

}
