#include "database_gauges.hpp"

#include <filesystem>

namespace httvps::backend::core {
namespace {

void add_schema_gauge(base::metric_registry& metrics, std::string_view which,
                      std::function<double()> version) {
  metrics.add_callback_gauge(
      {.name = "httvps_backend_schema_version",
       .help = "Schema of the database, and the newest one that this program knows.",
       .labels = {{"which", std::string(which)}}},
      std::move(version));
}

double free_bytes(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto room = std::filesystem::space(folder, failed);
  return failed ? -1.0 : static_cast<double>(room.available);
}

}

void add_build_gauge(base::metric_registry& metrics, std::string_view version) {
  metrics.add_callback_gauge({.name = "httvps_backend_build_info",
                              .help = "Version of this program: always 1.",
                              .labels = {{"version", std::string(version)}}},
                             [] { return 1.0; });
}

void add_database_gauges(base::metric_registry& metrics, storage::sql_store& store,
                         const storage::database_address& address) {
  store.watch_waits([waited = metrics.add_histogram(
                         {.name = "httvps_backend_db_pool_wait_seconds",
                          .help = "Time that work waited for a database connection of the pool."},
                         base::latency_bounds_seconds)](base::duration wait) mutable {
    waited.observe(std::chrono::duration<double>(wait).count());
  });
  add_schema_gauge(metrics, "present",
                   [&store] { return static_cast<double>(store.schema_version()); });
  add_schema_gauge(metrics, "newest",
                   [] { return static_cast<double>(storage::known_migrations().back().version); });
  if (address.engine() != storage::engine_kind::sqlite) {
    return;
  }
  metrics.add_callback_gauge(
      {.name = "httvps_backend_database_free_bytes",
       .help = "Room on the disk of the SQLite file; -1 when it cannot be read."},
      [folder = std::filesystem::absolute(address.path()).parent_path()] {
        return free_bytes(folder);
      });
}

}
