#include "copy_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/storage/database_copy.hpp"
#include "progress_report.hpp"

namespace httvps::backend {
namespace {

base::result<storage::database_address> address_of(const copy_place& place, const char* side) {
  if (place.dsn.empty() == place.file.empty()) {
    fmt::print(stderr, "httvps-backend: give either --{0} or --{0}-file.\n", side);
    return base::fail(base::errc::invalid_setting);
  }
  if (!place.file.empty()) {
    return core::load_database_address(place.file);
  }
  HTTVPS_TRY(auto address, storage::database_address::parse(place.dsn));
  if (address.holds_password()) {
    fmt::print(stderr,
               "httvps-backend: everybody here can read a password on the command line. Put the "
               "address into a file of mode 0600 and name it with --{}-file.\n",
               side);
    return base::fail(base::errc::invalid_setting);
  }
  return address;
}

}

void declare_copy(CLI::App& migrate, copy_choices& chosen) {
  auto* copy = migrate.add_subcommand(
      "copy", "Copy everything into an empty database, of either engine, and verify it");
  copy->add_option("--from", chosen.from.dsn, "Database to copy, without a password");
  copy->add_option("--from-file", chosen.from.file, "File, mode 0600, that holds its address");
  copy->add_option("--to", chosen.to.dsn, "Database to fill, without a password");
  copy->add_option("--to-file", chosen.to.file, "File, mode 0600, that holds its address");
}

base::result<> run_copy(const copy_choices& chosen) {
  HTTVPS_TRY(const auto from, address_of(chosen.from, "from"));
  HTTVPS_TRY(const auto to, address_of(chosen.to, "to"));
  progress_report report;
  HTTVPS_TRY(const auto rows,
             storage::copy_database({.from = from, .to = to, .progress = report.listener()}));
  fmt::print("{} rows copied and verified\n", rows);
  return {};
}

}
