#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record_table.hpp"

namespace httvps::backend::storage {

struct id_window {
  std::string_view table;
  std::string after;
  std::uint32_t size = 0;
};

base::result<std::optional<std::string>> end_of(connection& database, const id_window& window,
                                                const list_condition& among);

}
