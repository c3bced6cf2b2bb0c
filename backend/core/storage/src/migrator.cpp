#include "migrator.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "row_mapping.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t tolerated_missing = 1;

struct applied_row {
  std::int64_t version = 0;
  std::string checksum;
};
BOOST_DESCRIBE_STRUCT(applied_row, (), (version, checksum))

std::string checksum_of(const migration& known) {
  return services::hash_secret(known.up);
}

base::result<> named_failure(const base::result<>& outcome) {
  if (outcome || outcome.error() == services::errc::storage_full ||
      outcome.error() == services::errc::storage_busy) {
    return outcome;
  }
  return base::fail(errc::migration_failed);
}

base::result<> verify(const std::vector<applied_row>& done, std::span<const migration> known) {
  if (done.size() > known.size()) {
    return base::fail(errc::schema_newer);
  }
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i].version != known[i].version || done[i].checksum != checksum_of(known[i])) {
      return base::fail(errc::schema_changed);
    }
  }
  return {};
}

}

base::result<> migrator::exclusively(const std::function<base::result<>()>& body) {
  HTTVPS_CHECK(database_.begin(transaction_kind::migrating));
  auto outcome = body();
  if (outcome) {
    outcome = database_.commit();
  }
  if (!outcome) {
    database_.roll_back();
  }
  return outcome;
}

base::result<std::size_t> migrator::count_applied() {
  HTTVPS_CHECK(database_.run_script(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, "
      "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL);"));
  HTTVPS_TRY(
      const auto done,
      select_rows<applied_row>(
          database_, {.sql = "SELECT version, checksum FROM schema_migrations ORDER BY version"}));
  HTTVPS_CHECK(verify(done, known_));
  return done.size();
}

base::result<> migrator::apply(const migration& next) {
  HTTVPS_CHECK(named_failure(database_.run_script(next.up)));
  const auto now = to_microseconds(base::real_clock().system_now());
  return named_failure(database_.execute(
      {.sql = "INSERT INTO schema_migrations (version, name, checksum, applied_at) "
              "VALUES (:version, :name, :checksum, :now)",
       .parameters = {std::int64_t(next.version), std::string(next.name), checksum_of(next),
                      now}}));
}

base::result<> migrator::take_back(const migration& last) {
  HTTVPS_CHECK(named_failure(database_.run_script(last.down)));
  return named_failure(
      database_.execute({.sql = "DELETE FROM schema_migrations WHERE version = :version",
                         .parameters = {std::int64_t(last.version)}}));
}

base::result<migrator::step> migrator::step_up() {
  auto made = step::nothing_left;
  HTTVPS_CHECK(exclusively([&]() -> base::result<> {
    HTTVPS_TRY(const auto done, count_applied());
    if (done == known_.size()) {
      return {};
    }
    made = step::taken;
    return apply(known_[done]);
  }));
  return made;
}

base::result<migrator::step> migrator::step_down(std::uint32_t target) {
  auto made = step::nothing_left;
  HTTVPS_CHECK(exclusively([&]() -> base::result<> {
    HTTVPS_TRY(const auto done, count_applied());
    if (done == 0 || known_[done - 1].version <= target) {
      return {};
    }
    made = step::taken;
    return take_back(known_[done - 1]);
  }));
  return made;
}

base::result<std::uint32_t> migrator::repeat(const std::function<base::result<step>()>& next) {
  std::uint32_t steps = 0;
  while (true) {
    HTTVPS_TRY(const auto made, next());
    if (made == step::nothing_left) {
      return steps;
    }
    ++steps;
  }
}

base::result<std::uint32_t> migrator::up() {
  return repeat([this] { return step_up(); });
}

base::result<std::uint32_t> migrator::down(std::uint32_t target) {
  return repeat([this, target] { return step_down(target); });
}

base::result<std::vector<migration_report>> migrator::status() {
  std::size_t done = 0;
  HTTVPS_CHECK(exclusively([&]() -> base::result<> {
    HTTVPS_TRY(done, count_applied());
    return {};
  }));
  std::vector<migration_report> reports;
  reports.reserve(known_.size());
  for (std::size_t i = 0; i < known_.size(); ++i) {
    reports.push_back({.version = known_[i].version,
                       .name = std::string(known_[i].name),
                       .state = i < done ? migration_state::applied : migration_state::waiting});
  }
  return reports;
}

base::result<std::uint32_t> migrator::version() {
  HTTVPS_TRY(
      const auto newest,
      select_row<applied_row>(database_, {.sql = "SELECT version, checksum FROM schema_migrations "
                                                 "ORDER BY version DESC LIMIT 1"}));
  return newest ? static_cast<std::uint32_t>(newest->version) : 0;
}

base::result<> migrator::check() {
  return require(tolerated_missing);
}

base::result<> migrator::require_newest() {
  return require(0);
}

base::result<> migrator::require(std::size_t most_missing) {
  return exclusively([&]() -> base::result<> {
    HTTVPS_TRY(const auto done, count_applied());
    return known_.size() - done > most_missing ? base::fail(errc::schema_older) : base::result<>();
  });
}

}
