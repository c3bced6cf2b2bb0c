#pragma once

#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::gateway {

base::result<base::byte_vector> read_private_file(const std::string& path, std::size_t most);

}
