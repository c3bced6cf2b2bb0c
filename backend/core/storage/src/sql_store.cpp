#include "httvps/backend/storage/sql_store.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "desk.hpp"
#include "dialect.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "migrator.hpp"
#include "table_room.hpp"

namespace httvps::backend::storage {
namespace {

constexpr int most_attempts = 16;
constexpr int widest_pause_bits = 6;

using desk_owner = std::unique_ptr<desk>;

std::chrono::milliseconds pause_after(int attempt) {
  const auto widest = std::uint64_t{1} << std::min(attempt, widest_pause_bits);
  return std::chrono::milliseconds(base::secure_random().below(widest));
}

using desk_work = std::function<base::result<>(desk&)>;

struct job {
  transaction_kind kind;
  desk_work body;
};

desk_work with_tables(const services::transaction& body) {
  return [&body](desk& at) {
    auto& tables = at.tables;
    return body(tables);
  };
}

desk_work with_cells(const services::cell_work& body) {
  return [&body](desk& at) {
    auto& tables = at.tables;
    return body(at.sealed_cells, tables);
  };
}

base::result<> run_once(desk& at, const job& wanted) {
  HTTVPS_CHECK(at.database->begin(wanted.kind));
  auto outcome = wanted.body(at);
  if (!outcome) {
    at.database->roll_back();
    return outcome;
  }
  return at.database->commit();
}

constexpr bool is_written(transaction_kind kind) noexcept {
  return kind == transaction_kind::writing || kind == transaction_kind::noting ||
         kind == transaction_kind::noting_later;
}

}

struct sql_store::state {
  explicit state(const store_options& options)
      : chosen(options), terms(dialect_of(options.address.engine())) {}

  class lease {
   public:
    lease(state& from, desk_owner taken) noexcept : from_(&from), taken_(std::move(taken)) {}
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) = delete;
    ~lease() {
      if (taken_) {
        from_->give_back(std::move(taken_));
      }
    }
    desk& operator*() const noexcept { return *taken_; }

   private:
    state* from_;
    desk_owner taken_;
  };

  using turn = std::unique_lock<std::timed_mutex>;

  base::result<lease> take();
  void give_back(desk_owner returned);
  base::result<> settle(const job& wanted, turn held);
  base::result<> write(const job& wanted);
  base::result<> run(desk& at, const job& wanted);
  base::result<> learn_version(desk& at);

  store_options chosen;
  const dialect& terms;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<desk_owner> free;
  std::function<void(base::duration)> waits;
  std::timed_mutex writer;
  std::atomic<std::uint32_t> version = 0;
  std::atomic<std::uint64_t> callers = 0;
};

base::result<sql_store::state::lease> sql_store::state::take() {
  const auto& clock = base::real_clock();
  const auto asked = clock.steady_now();
  std::unique_lock lock(mutex);
  desk_owner taken;
  if (returned.wait_for(lock, chosen.patience, [this] { return !free.empty(); })) {
    taken = std::move(free.back());
    free.pop_back();
  }
  lock.unlock();
  if (waits) {
    waits(clock.steady_now() - asked);
  }
  return taken ? base::result<lease>(lease(*this, std::move(taken)))
               : base::fail(services::errc::storage_busy);
}

void sql_store::state::give_back(desk_owner back) {
  {
    const std::lock_guard lock(mutex);
    free.push_back(std::move(back));
  }
  returned.notify_one();
}

base::result<> sql_store::state::run(desk& at, const job& wanted) {
  auto outcome = run_once(at, wanted);
  if (at.database->take_change_of_callers()) {
    ++callers;
  }
  return outcome;
}

base::result<> sql_store::state::settle(const job& wanted, turn held) {
  HTTVPS_TRY(const auto at, take());
  (*at).database->assume_schema(version);
  const auto& clock = base::real_clock();
  const auto deadline = clock.steady_now() + chosen.patience;
  for (int attempt = 1;; ++attempt) {
    auto outcome = run(*at, wanted);
    const bool repeatable = !outcome && (*at).database->advice() == remedy::repeat;
    if (!repeatable || attempt == most_attempts || clock.steady_now() >= deadline) {
      return outcome;
    }
    if (is_written(wanted.kind) && !held.owns_lock()) {
      static_cast<void>(held.try_lock_for(deadline - clock.steady_now()));
    }
    std::this_thread::sleep_for(pause_after(attempt));
  }
}

base::result<> sql_store::state::write(const job& wanted) {
  turn held(writer, std::defer_lock);
  if (terms.turns == writer_turns::always && !held.try_lock_for(chosen.patience)) {
    return base::fail(services::errc::storage_busy);
  }
  return settle(wanted, std::move(held));
}

base::result<> sql_store::state::learn_version(desk& at) {
  HTTVPS_CHECK(at.database->begin(transaction_kind::reading));
  const auto newest = migrator(*at.database, chosen.migrations).version();
  at.database->roll_back();
  HTTVPS_TRY(version, newest);
  return {};
}

sql_store::sql_store(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
sql_store::~sql_store() = default;

base::result<std::unique_ptr<sql_store>> sql_store::open(const store_options& chosen) {
  auto made = std::make_unique<state>(chosen);
  const auto wanted = chosen.address.path() == memory_path ? 1 : chosen.connections;
  for (std::size_t i = 0; i < wanted; ++i) {
    HTTVPS_TRY(auto opened, connection::open({.address = chosen.address,
                                              .patience = chosen.patience,
                                              .most_bytes = chosen.most_bytes}));
    made->free.push_back(std::make_unique<desk>(std::move(opened)));
  }
  return std::unique_ptr<sql_store>(new sql_store(std::move(made)));
}

base::result<> sql_store::read(const services::transaction& body) {
  return state_->settle({.kind = transaction_kind::reading, .body = with_tables(body)},
                        state::turn());
}

base::result<> sql_store::read_cells(const services::cell_work& body) {
  return state_->settle({.kind = transaction_kind::reading, .body = with_cells(body)},
                        state::turn());
}

base::result<> sql_store::write(const services::transaction& body) {
  return state_->write({.kind = transaction_kind::writing, .body = with_tables(body)});
}

base::result<> sql_store::write_cells(const services::cell_work& body) {
  return state_->write({.kind = transaction_kind::writing, .body = with_cells(body)});
}

base::result<> sql_store::note(const services::transaction& body) {
  return state_->write({.kind = transaction_kind::noting, .body = with_tables(body)});
}

void sql_store::watch_waits(std::function<void(base::duration)> watch) {
  const std::lock_guard lock(state_->mutex);
  state_->waits = std::move(watch);
}

base::result<> sql_store::note_later(const services::transaction& body) {
  return state_->write({.kind = transaction_kind::noting_later, .body = with_tables(body)});
}

std::uint64_t sql_store::callers_revision() const noexcept {
  return state_->callers;
}

std::uint32_t sql_store::schema_version() const noexcept {
  return state_->version;
}

base::result<std::uint32_t> sql_store::migrate_up() {
  HTTVPS_TRY(const auto at, state_->take());
  HTTVPS_TRY(const auto steps, migrator(*(*at).database, state_->chosen.migrations).up());
  static_cast<void>(leave_room_for_updates(*(*at).database));
  HTTVPS_CHECK(state_->learn_version(*at));
  return steps;
}

base::result<std::uint32_t> sql_store::migrate_down(std::uint32_t target) {
  HTTVPS_TRY(const auto at, state_->take());
  const auto steps = migrator(*(*at).database, state_->chosen.migrations).down(target);
  HTTVPS_CHECK(state_->learn_version(*at));
  return steps;
}

base::result<std::vector<migration_report>> sql_store::migrations() {
  HTTVPS_TRY(const auto at, state_->take());
  return migrator(*(*at).database, state_->chosen.migrations).status();
}

base::result<> sql_store::check_schema() {
  HTTVPS_TRY(const auto at, state_->take());
  HTTVPS_CHECK(migrator(*(*at).database, state_->chosen.migrations).check());
  return state_->learn_version(*at);
}

base::result<> sql_store::refresh_schema_version() {
  HTTVPS_TRY(const auto at, state_->take());
  return state_->learn_version(*at);
}

}
