#pragma once

#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

void add_build_gauge(base::metric_registry& metrics, std::string_view version);
void add_database_gauges(base::metric_registry& metrics, storage::sql_store& store,
                         const storage::database_address& address);

}
