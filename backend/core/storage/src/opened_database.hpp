#pragma once

#include <memory>

#include "connection.hpp"

namespace httvps::backend::storage {

base::result<std::unique_ptr<connection>> open_patiently(const database_address& address);
base::result<std::unique_ptr<connection>> open_present(const database_address& address);

}
