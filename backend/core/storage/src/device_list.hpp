#pragma once

#include <string_view>
#include <vector>

#include "connection.hpp"
#include "httvps/backend/models/id.hpp"

namespace httvps::backend::storage {

struct device_list {
  std::string_view subquery;
  cell parameter;
};

device_list device_list_for(engine_kind engine, const std::vector<models::device_id>& devices);

}
