#pragma once

#include "httvps/backend/services/usage_repositories.hpp"
#include "row_mapping.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct batch_name_row {
  std::string gateway_id;
  std::string epoch;
  std::int64_t seq = 0;

  services::batch_name record() const {
    return {.epoch = {.gateway = models::gateway_id::trusted(gateway_id), .epoch = epoch},
            .seq = static_cast<std::uint64_t>(seq)};
  }
};
BOOST_DESCRIBE_STRUCT(batch_name_row, (), (gateway_id, epoch, seq))

inline cells name_cells(const services::batch_name& name) {
  return {name.epoch.gateway.text(), name.epoch.epoch, to_stored(name.seq)};
}

inline base::result<std::vector<services::batch_name>> select_names(connection& database,
                                                                    const query& wanted) {
  HTTVPS_TRY(const auto rows, select_rows<batch_name_row>(database, wanted));
  std::vector<services::batch_name> names;
  names.reserve(rows.size());
  for (const auto& row : rows) {
    names.push_back(row.record());
  }
  return names;
}

}
