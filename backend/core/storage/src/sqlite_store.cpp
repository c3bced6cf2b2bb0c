#include "httvps/backend/storage/sqlite_store.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

#include "account_tables.hpp"
#include "device_tables.hpp"
#include "gateway_tables.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "migrations.hpp"
#include "pool_tables.hpp"
#include "usage_tables.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::string_view scheme = "sqlite://";

struct desk {
  explicit desk(std::unique_ptr<connection> opened) : database(std::move(opened)) {}

  services::repositories tables() {
    return {.users = users,
            .plans = plans,
            .subscriptions = subscriptions,
            .devices = devices,
            .tickets = tickets,
            .known_sessions = known_sessions,
            .api_tokens = api_tokens,
            .audit = audit,
            .settings = settings,
            .regions = regions,
            .nodes = nodes,
            .access_keys = access_keys,
            .heartbeats = heartbeats,
            .assignments = assignments,
            .gateways = gateways,
            .credentials = credentials,
            .join_tokens = join_tokens,
            .journal = journal,
            .usage_sessions = usage_sessions,
            .session_traffic = session_traffic,
            .quarantine = quarantine,
            .ledger = ledger};
  }

  std::unique_ptr<connection> database;
  user_table users{*database};
  plan_table plans{*database};
  subscription_table subscriptions{*database};
  device_table devices{*database};
  ticket_table tickets{*database};
  known_session_table known_sessions{*database};
  api_token_table api_tokens{*database};
  audit_table audit{*database};
  setting_table settings{*database};
  region_table regions{*database};
  node_table nodes{*database};
  access_key_table access_keys{*database};
  heartbeat_table heartbeats{*database};
  assignment_table assignments{*database};
  gateway_table gateways{*database};
  credential_table credentials{*database};
  join_token_table join_tokens{*database};
  journal_table journal{*database};
  usage_session_table usage_sessions{*database};
  session_traffic_table session_traffic{*database};
  quarantine_table quarantine{*database};
  ledger_table ledger{*database};
};

using desk_owner = std::unique_ptr<desk>;

}

struct sqlite_store::state {
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

  base::result<lease> take();
  void give_back(desk_owner returned);
  base::result<> run(desk& at, transaction_kind kind, const services::transaction& body);

  sqlite_options chosen;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<desk_owner> free;
  std::timed_mutex writer;
};

base::result<sqlite_store::state::lease> sqlite_store::state::take() {
  std::unique_lock lock(mutex);
  if (!returned.wait_for(lock, chosen.patience, [this] { return !free.empty(); })) {
    return base::fail(services::errc::storage_busy);
  }
  auto taken = std::move(free.back());
  free.pop_back();
  return lease(*this, std::move(taken));
}

void sqlite_store::state::give_back(desk_owner back) {
  {
    const std::lock_guard lock(mutex);
    free.push_back(std::move(back));
  }
  returned.notify_one();
}

base::result<> sqlite_store::state::run(desk& at, transaction_kind kind,
                                        const services::transaction& body) {
  HTTVPS_CHECK(at.database->begin(kind));
  auto tables = at.tables();
  auto outcome = body(tables);
  if (outcome) {
    outcome = at.database->commit();
  }
  if (!outcome) {
    at.database->roll_back();
  }
  return outcome;
}

base::result<std::string> sqlite_path_of(std::string_view dsn) {
  if (!dsn.starts_with(scheme) || dsn.size() == scheme.size() ||
      dsn.find_first_of("?#\"") != std::string_view::npos) {
    return base::fail(errc::dsn_invalid);
  }
  return std::string(dsn.substr(scheme.size()));
}

sqlite_store::sqlite_store(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
sqlite_store::~sqlite_store() = default;

base::result<std::unique_ptr<sqlite_store>> sqlite_store::open(const sqlite_options& chosen) {
  auto made = std::make_unique<state>();
  made->chosen = chosen;
  const auto wanted = chosen.path == memory_path ? 1 : chosen.connections;
  for (std::size_t i = 0; i < wanted; ++i) {
    HTTVPS_TRY(auto opened, connection::open({.path = chosen.path,
                                              .patience = chosen.patience,
                                              .most_bytes = chosen.most_bytes}));
    made->free.push_back(std::make_unique<desk>(std::move(opened)));
  }
  return std::unique_ptr<sqlite_store>(new sqlite_store(std::move(made)));
}

base::result<> sqlite_store::read(const services::transaction& body) {
  HTTVPS_TRY(const auto at, state_->take());
  return state_->run(*at, transaction_kind::reading, body);
}

base::result<> sqlite_store::write(const services::transaction& body) {
  const std::unique_lock turn(state_->writer, state_->chosen.patience);
  if (!turn.owns_lock()) {
    return base::fail(services::errc::storage_busy);
  }
  HTTVPS_TRY(const auto at, state_->take());
  return state_->run(*at, transaction_kind::writing, body);
}

base::result<std::uint32_t> sqlite_store::migrate_up() {
  HTTVPS_TRY(const auto at, state_->take());
  return migrator(*(*at).database, known_migrations()).up();
}

base::result<std::uint32_t> sqlite_store::migrate_down(std::uint32_t target) {
  HTTVPS_TRY(const auto at, state_->take());
  return migrator(*(*at).database, known_migrations()).down(target);
}

base::result<std::vector<migration_report>> sqlite_store::migrations() {
  HTTVPS_TRY(const auto at, state_->take());
  return migrator(*(*at).database, known_migrations()).status();
}

base::result<> sqlite_store::check_schema() {
  HTTVPS_TRY(const auto at, state_->take());
  return migrator(*(*at).database, known_migrations()).check();
}

}
