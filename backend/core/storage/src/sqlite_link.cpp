#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/statvfs.h>

#include <chrono>
#include <thread>

#include "database_link.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::storage {
namespace {

constexpr base::byte_count least_free_space = 128 * base::kibibyte;
constexpr std::uint64_t page_size = 4096;
constexpr auto busy_pause = std::chrono::milliseconds(5);

bool has_no_room(const std::string& path) noexcept {
  struct statvfs room{};
  return ::statvfs(path.c_str(), &room) == 0 && room.f_bavail * room.f_frsize < least_free_space;
}

services::errc constraint_failure(int extended) noexcept {
  return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY
             ? services::errc::already_exists
             : services::errc::storage_failed;
}

class sqlite_link final : public database_link {
 public:
  sqlite_link(const connection_options& chosen, soci::session& session)
      : chosen_(chosen), session_(session) {}

  verdict open() override;
  verdict run_script(const std::string& script) override;
  verdict judge(const std::exception& failure) override;
  standing now() noexcept override;

 private:
  sqlite_api::sqlite3* handle() const noexcept;
  std::string set_up() const;
  verdict run_while_busy(const std::string& script);
  std::error_code cause_of(int primary) const;

  const connection_options& chosen_;
  soci::session& session_;
};

sqlite_api::sqlite3* sqlite_link::handle() const noexcept {
  auto* backend = session_.get_backend();
  return backend != nullptr ? static_cast<soci::sqlite3_session_backend*>(backend)->conn_ : nullptr;
}

std::string sqlite_link::set_up() const {
  auto script = fmt::format(
      "PRAGMA busy_timeout = {};"
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
      chosen_.patience.count());
  if (chosen_.most_bytes > 0) {
    script += fmt::format("PRAGMA max_page_count = {};", chosen_.most_bytes / page_size + 1);
  }
  return script;
}

verdict sqlite_link::open() {
  try {
    session_.close();
    session_.open(soci::sqlite3, fmt::format("dbname=\"{}\"", chosen_.address.path()));
  } catch (const std::exception&) {
    return {.cause = errc::cannot_open};
  }
  sqlite_api::sqlite3_extended_result_codes(handle(), 0);
  return run_while_busy(set_up());
}

verdict sqlite_link::run_while_busy(const std::string& script) {
  const auto& clock = base::real_clock();
  const auto deadline = clock.steady_now() + chosen_.patience;
  auto outcome = run_script(script);
  while (outcome.cause == services::errc::storage_busy && clock.steady_now() < deadline) {
    std::this_thread::sleep_for(busy_pause);
    outcome = run_script(script);
  }
  return outcome;
}

std::error_code sqlite_link::cause_of(int primary) const {
  switch (primary & 0xff) {
    case SQLITE_FULL:
      return services::errc::storage_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return services::errc::storage_busy;
    case SQLITE_CONSTRAINT:
      return constraint_failure(sqlite_api::sqlite3_extended_errcode(handle()));
    default:
      return has_no_room(chosen_.address.path()) ? services::errc::storage_full
                                                 : services::errc::storage_failed;
  }
}

verdict sqlite_link::run_script(const std::string& script) {
  const int status = sqlite_api::sqlite3_exec(handle(), script.c_str(), nullptr, nullptr, nullptr);
  return status == SQLITE_OK ? verdict{} : verdict{.cause = cause_of(status)};
}

verdict sqlite_link::judge(const std::exception& failure) {
  const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&failure);
  return {.cause = known != nullptr ? cause_of(known->result())
                                    : make_error_code(services::errc::storage_failed)};
}

standing sqlite_link::now() noexcept {
  auto* database = handle();
  if (database == nullptr) {
    return standing::lost;
  }
  return sqlite_api::sqlite3_get_autocommit(database) == 0 ? standing::open : standing::idle;
}

}

std::unique_ptr<database_link> make_sqlite_link(const connection_options& chosen,
                                                soci::session& session) {
  return std::make_unique<sqlite_link>(chosen, session);
}

}
