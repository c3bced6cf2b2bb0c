#include "connection.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/statvfs.h>

#include <map>
#include <vector>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/bytes.hpp"

namespace httvps::backend::storage {
namespace {

constexpr base::byte_count least_free_space = 128 * base::kibibyte;
constexpr std::uint64_t page_size = 4096;
constexpr std::size_t most_statements = 256;

struct slot {
  std::string text;
  long long number = 0;
  soci::indicator state = soci::i_ok;
};

bool has_no_room(const std::string& path) noexcept {
  struct statvfs room{};
  return ::statvfs(path.c_str(), &room) == 0 && room.f_bavail * room.f_frsize < least_free_space;
}

sqlite_api::sqlite3* handle_of(soci::session& session) noexcept {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

services::errc constraint_failure(int extended) noexcept {
  return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY
             ? services::errc::already_exists
             : services::errc::storage_failed;
}

}

struct connection::state {
  explicit state(connection_options options) : chosen(std::move(options)) {}

  template <typename Action>
  base::result<> guarded(Action action) noexcept;
  std::error_code failure_of(int primary);
  soci::statement& prepared(std::string_view sql);
  void forget(std::string_view sql) noexcept;
  void bind(soci::statement& statement, const cells& parameters);
  void run(const query& wanted, std::span<const column_kind> columns, const row_handler& on_row);

  connection_options chosen;
  soci::session session;
  std::map<std::string, soci::statement, std::less<>> statements;
  std::vector<slot> inputs;
  std::vector<slot> outputs;
};

namespace {

slot to_slot(const cell& value) {
  slot made;
  if (const auto* text = std::get_if<std::string>(&value)) {
    made.text = *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    made.number = *number;
  } else {
    made.state = soci::i_null;
  }
  return made;
}

cells to_cells(const std::vector<slot>& slots, std::span<const column_kind> columns) {
  cells row;
  row.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (slots[i].state == soci::i_null) {
      row.emplace_back();
    } else if (columns[i] == column_kind::text) {
      row.emplace_back(slots[i].text);
    } else {
      row.emplace_back(static_cast<std::int64_t>(slots[i].number));
    }
  }
  return row;
}

}

std::error_code connection::state::failure_of(int primary) {
  if (!session.is_connected()) {
    return errc::cannot_open;
  }
  const int extended = sqlite_api::sqlite3_extended_errcode(handle_of(session));
  switch (primary & 0xff) {
    case SQLITE_FULL:
      return services::errc::storage_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return services::errc::storage_busy;
    case SQLITE_CONSTRAINT:
      return constraint_failure(extended);
    default:
      return has_no_room(chosen.path) ? services::errc::storage_full
                                      : services::errc::storage_failed;
  }
}

template <typename Action>
base::result<> connection::state::guarded(Action action) noexcept {
  try {
    action();
    return {};
  } catch (const soci::sqlite3_soci_error& failure) {
    return base::fail(failure_of(failure.result()));
  } catch (const std::exception&) {
    return base::fail(services::errc::storage_failed);
  }
}

soci::statement& connection::state::prepared(std::string_view sql) {
  if (const auto found = statements.find(sql); found != statements.end()) {
    return found->second;
  }
  if (statements.size() >= most_statements) {
    statements.clear();
  }
  soci::statement made(session);
  made.alloc();
  made.prepare(std::string(sql));
  return statements.emplace(std::string(sql), std::move(made)).first->second;
}

void connection::state::forget(std::string_view sql) noexcept {
  if (const auto found = statements.find(sql); found != statements.end()) {
    statements.erase(found);
  }
}

void connection::state::bind(soci::statement& statement, const cells& parameters) {
  inputs.clear();
  inputs.reserve(parameters.size());
  for (const auto& value : parameters) {
    auto& input = inputs.emplace_back(to_slot(value));
    if (std::holds_alternative<std::int64_t>(value)) {
      statement.exchange(soci::use(input.number, input.state));
    } else {
      statement.exchange(soci::use(input.text, input.state));
    }
  }
}

void connection::state::run(const query& wanted, std::span<const column_kind> columns,
                            const row_handler& on_row) {
  auto& statement = prepared(wanted.sql);
  bind(statement, wanted.parameters);
  outputs.assign(columns.size(), slot{});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column_kind::text) {
      statement.exchange(soci::into(outputs[i].text, outputs[i].state));
    } else {
      statement.exchange(soci::into(outputs[i].number, outputs[i].state));
    }
  }
  statement.define_and_bind();
  bool found = statement.execute(true);
  while (found && !columns.empty()) {
    on_row(to_cells(outputs, columns));
    found = statement.fetch();
  }
  statement.bind_clean_up();
}

connection::connection(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
connection::~connection() = default;

base::result<std::unique_ptr<connection>> connection::open(const connection_options& chosen) {
  std::unique_ptr<connection> made(new connection(std::make_unique<state>(chosen)));
  auto& session = made->state_->session;
  const auto opened = made->state_->guarded([&] {
    session.open(soci::sqlite3, fmt::format("dbname=\"{}\"", chosen.path));
    sqlite_api::sqlite3_extended_result_codes(handle_of(session), 0);
    session << fmt::format("PRAGMA busy_timeout = {}", chosen.patience.count());
  });
  if (!opened) {
    return base::fail(errc::cannot_open);
  }
  HTTVPS_CHECK(made->run_script(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"));
  if (chosen.most_bytes > 0) {
    HTTVPS_CHECK(made->run_script(
        fmt::format("PRAGMA max_page_count = {};", chosen.most_bytes / page_size + 1)));
  }
  return made;
}

base::result<> connection::execute(const query& wanted) {
  return select(wanted, {}, {});
}

base::result<> connection::select(const query& wanted, std::span<const column_kind> columns,
                                  const row_handler& on_row) {
  auto outcome = state_->guarded([&] { state_->run(wanted, columns, on_row); });
  if (!outcome) {
    state_->forget(wanted.sql);
  }
  return outcome;
}

base::result<> connection::run_script(const std::string& script) {
  const int status = sqlite_api::sqlite3_exec(handle_of(state_->session), script.c_str(), nullptr,
                                              nullptr, nullptr);
  if (status != SQLITE_OK) {
    return base::fail(state_->failure_of(status));
  }
  return {};
}

base::result<> connection::begin(transaction_kind kind) {
  return execute({.sql = kind == transaction_kind::writing ? "BEGIN IMMEDIATE" : "BEGIN"});
}

base::result<> connection::commit() {
  return execute({.sql = "COMMIT"});
}

void connection::roll_back() noexcept {
  if (sqlite_api::sqlite3_get_autocommit(handle_of(state_->session)) == 0) {
    static_cast<void>(execute({.sql = "ROLLBACK"}));
  }
}

}
