#pragma once

#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::storage {

base::result<base::secret_bytes> postgresql_connection_text(const base::secret_bytes& dsn);

}
