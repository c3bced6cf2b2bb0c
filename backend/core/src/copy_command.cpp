#include "copy_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/storage/database_copy.hpp"
#include "progress_report.hpp"

namespace httvps::backend {
namespace {

using storage::database_address;
using storage::engine_kind;

std::unexpected<base::error> refuse(std::string_view sentence) {
  fmt::print(stderr, "httvps-backend: {}\n", sentence);
  return base::fail(base::errc::invalid_setting);
}

std::optional<engine_kind> named_engine(std::string_view word) {
  if (word == "sqlite") {
    return engine_kind::sqlite;
  }
  return word == "postgres" || word == "postgresql" ? std::optional(engine_kind::postgresql)
                                                    : std::nullopt;
}

base::result<database_address> known_address(engine_kind engine,
                                             const database_address& of_settings) {
  const bool is_settled =
      of_settings.engine() == engine && of_settings.path() != storage::memory_path;
  if (is_settled) {
    return of_settings;
  }
  if (engine == engine_kind::postgresql) {
    return database_address::parse("postgres://");
  }
  return refuse("the settings name no SQLite database. Give its address, sqlite:// and the path.");
}

base::result<database_address> given_address(const copy_place& place, const char* side) {
  HTTVPS_TRY(auto address, database_address::parse(place.dsn));
  if (address.holds_password()) {
    return refuse(
        fmt::format("everybody here can read a password on the command line. Put the address into "
                    "a file of mode 0600 and name it with --{}-file.",
                    side));
  }
  return address;
}

base::result<database_address> filed_address(const copy_place& place, const char* side) {
  HTTVPS_TRY(auto address, core::load_database_address(place.file));
  const auto engine = named_engine(place.dsn);
  if (!place.dsn.empty() && engine != address.engine()) {
    return refuse(fmt::format("--{0} names another database than the file of --{0}-file.", side));
  }
  return address;
}

base::result<database_address> address_of(const copy_place& place, const char* side,
                                          const database_address& of_settings) {
  if (!place.file.empty()) {
    return filed_address(place, side);
  }
  if (place.dsn.empty()) {
    return refuse(fmt::format("give --{0} or --{0}-file.", side));
  }
  const auto engine = named_engine(place.dsn);
  return engine ? known_address(*engine, of_settings) : given_address(place, side);
}

}

void declare_copy(CLI::App& migrate, copy_choices& chosen) {
  auto* copy = migrate.add_subcommand(
      "copy", "Copy everything into an empty database, of either engine, and verify it");
  copy->add_option("--from", chosen.from.dsn,
                   "Database to copy: its address without a password, or sqlite or postgres for "
                   "the one of the settings or, for postgres, of PGHOST, PGDATABASE and the like");
  copy->add_option("--from-file", chosen.from.file, "File, mode 0600, that holds its address");
  copy->add_option("--to", chosen.to.dsn, "Database to fill, in the same words");
  copy->add_option("--to-file", chosen.to.file, "File, mode 0600, that holds its address");
}

base::result<> run_copy(const copy_choices& chosen, const database_address& of_settings) {
  HTTVPS_TRY(const auto from, address_of(chosen.from, "from", of_settings));
  HTTVPS_TRY(const auto to, address_of(chosen.to, "to", of_settings));
  progress_report report;
  HTTVPS_TRY(const auto rows,
             storage::copy_database({.from = from, .to = to, .progress = report.listener()}));
  fmt::print("{} rows copied and verified\n", rows);
  return {};
}

}
