#pragma once

#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

void add_database_gauges(base::metric_registry& metrics, const storage::sql_store& store,
                         const storage::database_address& address);

}
