#pragma once

#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::node {

base::result<base::secret_bytes> load_credential(const std::string& path);

}
