#pragma once

#include "row_mapping.hpp"

namespace httvps::backend::storage {

struct count_row {
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(count_row, (), (total))

inline base::result<std::uint64_t> count_rows(connection& database, const query& wanted) {
  HTTVPS_TRY(const auto row, select_row<count_row>(database, wanted));
  return row ? static_cast<std::uint64_t>(row->total) : 0;
}

}
