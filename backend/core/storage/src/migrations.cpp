#include "migrations.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "row_mapping.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

std::string checksum_of(const migration& known) {
  return services::hash_secret(known.up);
}

std::error_code migration_failure(const std::error_code& cause) {
  const bool passing =
      cause == services::errc::storage_full || cause == services::errc::storage_busy;
  return passing ? cause : make_error_code(errc::migration_failed);
}

}

struct migrator::applied {
  std::int64_t version = 0;
  std::string checksum;
};

namespace {

struct applied_row {
  std::int64_t version = 0;
  std::string checksum;
};
BOOST_DESCRIBE_STRUCT(applied_row, (), (version, checksum))

}

base::result<std::vector<migrator::applied>> migrator::load() {
  HTTVPS_CHECK(database_.run_script(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, "
      "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL);"));
  HTTVPS_TRY(
      const auto rows,
      select_rows<applied_row>(
          database_, {.sql = "SELECT version, checksum FROM schema_migrations ORDER BY version"}));
  std::vector<applied> done;
  done.reserve(rows.size());
  for (const auto& row : rows) {
    done.push_back({.version = row.version, .checksum = row.checksum});
  }
  return done;
}

base::result<> migrator::verify(const std::vector<applied>& done) const {
  if (done.size() > known_.size()) {
    return base::fail(errc::schema_newer);
  }
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i].version != known_[i].version || done[i].checksum != checksum_of(known_[i])) {
      return base::fail(errc::schema_changed);
    }
  }
  return {};
}

base::result<> migrator::step(const std::string& script, const query& note) {
  HTTVPS_CHECK(database_.begin(transaction_kind::writing));
  auto outcome = database_.run_script(script);
  if (outcome) {
    outcome = database_.execute(note);
  }
  if (outcome) {
    outcome = database_.commit();
  }
  if (!outcome) {
    database_.roll_back();
    return base::fail(migration_failure(outcome.error()));
  }
  return {};
}

base::result<std::vector<migration_report>> migrator::status() {
  HTTVPS_TRY(const auto done, load());
  HTTVPS_CHECK(verify(done));
  std::vector<migration_report> reports;
  reports.reserve(known_.size());
  for (std::size_t i = 0; i < known_.size(); ++i) {
    reports.push_back(
        {.version = known_[i].version,
         .name = std::string(known_[i].name),
         .state = i < done.size() ? migration_state::applied : migration_state::waiting});
  }
  return reports;
}

base::result<> migrator::check() {
  HTTVPS_TRY(const auto done, load());
  return verify(done);
}

base::result<std::uint32_t> migrator::up() {
  HTTVPS_TRY(const auto done, load());
  HTTVPS_CHECK(verify(done));
  std::uint32_t steps = 0;
  for (const auto& next : known_.subspan(done.size())) {
    const auto now = to_microseconds(base::real_clock().system_now());
    HTTVPS_CHECK(step(std::string(next.up),
                      {.sql = "INSERT INTO schema_migrations (version, name, checksum, applied_at) "
                              "VALUES (:version, :name, :checksum, :now)",
                       .parameters = {std::int64_t(next.version), std::string(next.name),
                                      checksum_of(next), now}}));
    ++steps;
  }
  return steps;
}

base::result<std::uint32_t> migrator::down(std::uint32_t target) {
  HTTVPS_TRY(const auto done, load());
  HTTVPS_CHECK(verify(done));
  std::uint32_t steps = 0;
  for (std::size_t i = done.size(); i > 0 && known_[i - 1].version > target; --i) {
    HTTVPS_CHECK(step(std::string(known_[i - 1].down),
                      {.sql = "DELETE FROM schema_migrations WHERE version = :version",
                       .parameters = {std::int64_t(known_[i - 1].version)}}));
    ++steps;
  }
  return steps;
}

}
