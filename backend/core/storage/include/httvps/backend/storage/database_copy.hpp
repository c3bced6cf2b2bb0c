#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "httvps/backend/storage/database_address.hpp"

namespace httvps::backend::storage {

enum class copy_stage { copying, comparing, verified };

struct copy_progress {
  std::string table;
  std::uint64_t rows = 0;
  std::string digest;
  copy_stage stage = copy_stage::copying;
};

using copy_listener = std::function<void(const copy_progress&)>;

struct copy_order {
  database_address from;
  database_address to;
  copy_listener progress = {};
};

base::result<std::uint64_t> copy_database(const copy_order& order);

}
