#include "connection.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "database_link.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t most_statements = 256;

using statement_map = std::map<std::string, soci::statement, std::less<>>;

struct slot {
  std::string text;
  long long number = 0;
  soci::indicator state = soci::i_ok;
};

std::unique_ptr<database_link> make_link(const connection_options& chosen, soci::session& session) {
  return chosen.address.engine() == engine_kind::postgresql ? make_postgresql_link(chosen, session)
                                                            : make_sqlite_link(chosen, session);
}

bool ends_early(const cell& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->find('\0') != std::string::npos;
}

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

bool writes_to_callers(std::string_view sql) {
  constexpr std::string_view verbs[] = {"INSERT INTO ", "UPDATE ", "DELETE FROM "};
  constexpr std::string_view tables[] = {"gateways ", "credentials "};
  const auto* verb =
      std::ranges::find_if(verbs, [sql](auto each) { return sql.starts_with(each); });
  return verb != std::end(verbs) && std::ranges::any_of(tables, [&](auto table) {
           return sql.substr(verb->size()).starts_with(table);
         });
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

struct connection::state {
  explicit state(connection_options options)
      : chosen(std::move(options)),
        terms(dialect_of(chosen.address.engine())),
        link(make_link(chosen, session)) {}

  base::result<> note(const verdict& found);
  base::result<> reopen();
  soci::statement& prepared(std::string_view sql);
  void drop(std::string_view sql) noexcept;
  void bind(soci::statement& statement, const cells& parameters);
  void run(const query& wanted, std::span<const column_kind> columns, const row_handler& on_row);
  verdict attempt(const query& wanted, std::span<const column_kind> columns,
                  const row_handler& on_row);

  connection_options chosen;
  const dialect& terms;
  soci::session session;
  std::unique_ptr<database_link> link;
  statement_map statements;
  std::vector<statement_map::node_type> spoiled;
  std::vector<slot> inputs;
  std::vector<slot> outputs;
  std::optional<verdict> failure;
  long long rows_changed = 0;
  bool inside = false;
  bool callers_changed = false;
};

base::result<> connection::state::note(const verdict& found) {
  if (!found.cause) {
    return {};
  }
  failure = found;
  return base::fail(found.cause);
}

base::result<> connection::state::reopen() {
  spoiled.clear();
  statements.clear();
  const auto opened = link->open();
  return opened.cause ? note({.cause = services::errc::storage_busy}) : base::result<>();
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

void connection::state::drop(std::string_view sql) noexcept {
  const auto found = statements.find(sql);
  if (found == statements.end()) {
    return;
  }
  if (link->now() == standing::failed) {
    spoiled.push_back(statements.extract(found));
  } else {
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
  rows_changed = columns.empty() ? std::max(statement.get_affected_rows(), 0LL) : 0;
  while (found && !columns.empty()) {
    on_row(to_cells(outputs, columns));
    found = statement.fetch();
  }
  statement.bind_clean_up();
}

verdict connection::state::attempt(const query& wanted, std::span<const column_kind> columns,
                                   const row_handler& on_row) {
  if (std::ranges::any_of(wanted.parameters, ends_early)) {
    return {.cause = services::errc::storage_failed};
  }
  try {
    run(wanted, columns, on_row);
    return {};
  } catch (const std::exception& thrown) {
    return link->judge(thrown);
  }
}

connection::connection(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
connection::~connection() = default;

base::result<std::unique_ptr<connection>> connection::open(const connection_options& chosen) {
  std::unique_ptr<connection> made(new connection(std::make_unique<state>(chosen)));
  const auto opened = made->state_->link->open();
  if (opened.cause) {
    return base::fail(opened.cause);
  }
  return made;
}

base::result<> connection::execute(const query& wanted) {
  state_->callers_changed = state_->callers_changed || writes_to_callers(wanted.sql);
  return select(wanted, {}, {});
}

base::result<std::uint64_t> connection::change(const query& wanted) {
  HTTVPS_CHECK(execute(wanted));
  return static_cast<std::uint64_t>(state_->rows_changed);
}

base::result<> connection::select(const query& wanted, std::span<const column_kind> columns,
                                  const row_handler& on_row) {
  if (state_->inside && state_->failure) {
    return base::fail(state_->failure->cause);
  }
  auto outcome = state_->note(state_->attempt(wanted, columns, on_row));
  if (!outcome) {
    state_->drop(wanted.sql);
  }
  return outcome;
}

base::result<> connection::run_script(std::string_view portable) {
  return state_->note(state_->link->run_script(state_->terms.render(portable)));
}

base::result<> connection::begin(transaction_kind kind) {
  state_->failure.reset();
  if (state_->link->now() == standing::lost) {
    HTTVPS_CHECK(state_->reopen());
  }
  auto started = state_->note(state_->link->run_script(std::string(state_->terms.begin(kind))));
  state_->inside = started.has_value();
  if (!started) {
    roll_back();
  }
  return started;
}

base::result<> connection::commit() {
  if (state_->failure) {
    roll_back();
    return base::fail(state_->failure->cause);
  }
  auto done = state_->note(state_->link->run_script("COMMIT"));
  if (!done && state_->link->now() == standing::lost) {
    done = state_->note({.cause = services::errc::storage_failed});
  }
  if (!done) {
    roll_back();
  }
  state_->inside = false;
  return done;
}

void connection::roll_back() noexcept {
  const auto before = state_->link->now();
  if (before == standing::open || before == standing::failed) {
    static_cast<void>(state_->link->run_script("ROLLBACK"));
  }
  state_->spoiled.clear();
  state_->inside = false;
}

bool connection::take_change_of_callers() noexcept {
  return std::exchange(state_->callers_changed, false);
}

engine_kind connection::engine() const noexcept {
  return state_->chosen.address.engine();
}

remedy connection::advice() const noexcept {
  return state_->failure ? state_->failure->advice : remedy::none;
}

}
