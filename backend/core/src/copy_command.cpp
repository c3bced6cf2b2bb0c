#include "copy_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/storage/database_copy.hpp"

namespace httvps::backend {
namespace {

constexpr std::uint64_t rows_between_lines = 100000;

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

void show(const storage::copy_progress& step) {
  if (step.stage == storage::copy_stage::verified) {
    fmt::print("{} rows {} sha256 {}\n", step.table, step.rows, step.digest);
  } else if (step.rows % rows_between_lines == 0) {
    fmt::print(stderr, "{} rows {} copied\n", step.table, step.rows);
  }
}

}

base::result<> run_copy(const copy_choices& chosen) {
  HTTVPS_TRY(const auto from, address_of(chosen.from, "from"));
  HTTVPS_TRY(const auto to, address_of(chosen.to, "to"));
  HTTVPS_TRY(const auto rows, storage::copy_database({.from = from, .to = to, .progress = show}));
  fmt::print("{} rows copied and verified\n", rows);
  return {};
}

}
