#pragma once

#include <string>
#include <vector>

#include "cell.hpp"
#include "httvps/backend/storage/migration.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::storage {

struct table_shape {
  std::string name;
  std::vector<std::string> columns;
  std::vector<column_kind> kinds;
  std::vector<std::size_t> key;
  std::vector<std::string> parents;
};

base::result<std::vector<table_shape>> read_catalogue(
    std::span<const migration> applied = known_migrations());

}
