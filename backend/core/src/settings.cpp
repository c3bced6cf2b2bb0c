#include "httvps/backend/core/settings.hpp"

#include <optional>

#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/key_file.hpp"
#include "httvps/net/endpoint.hpp"
#include "redis_settings.hpp"
#include "tuning_settings.hpp"

namespace httvps::backend::core {
namespace {

using base::property_kind;
using problem_list = std::vector<base::setting_problem>;

constexpr std::size_t shortest_gateway_secret = 16;

std::vector<base::property> storage_properties() {
  return {
      {.name = "backend.db_dsn",
       .environment = "BACKEND_DB_DSN",
       .description = "Database: sqlite:// and the path of its file, or "
                      "postgres://USER@HOST/NAME. Remote hosts need a verified certificate unless "
                      "sslmode says otherwise.",
       .fallback = "sqlite://httvps-backend.sqlite3"},
      {.name = "backend.db_dsn_file",
       .environment = "BACKEND_DB_DSN_FILE",
       .description = "File that holds the database address instead, mode 0600: for one with a "
                      "password."},
      {.name = "backend.db_migrate",
       .environment = "BACKEND_DB_MIGRATE",
       .description = "Applies waiting migrations at the start; false leaves it to httvps-backend "
                      "migrate up and runs on the schema one before with new features off.",
       .kind = property_kind::flag,
       .fallback = "true"},
      {.name = "backend.db_max_bytes",
       .environment = "BACKEND_DB_MAX_BYTES",
       .description = "Largest size of the SQLite file; 0 means as much as the disk holds.",
       .kind = property_kind::number,
       .fallback = "0",
       .least = 0,
       .most = 1099511627776},
      {.name = "backend.db_connections",
       .environment = "BACKEND_DB_CONNECTIONS",
       .description = "Database connections and the threads that use them.",
       .kind = property_kind::number,
       .fallback = "4",
       .least = 1,
       .most = 64},
      {.name = "backend.db_patience",
       .environment = "BACKEND_DB_PATIENCE",
       .description = "Milliseconds to wait for a connection or a lock before storage_busy.",
       .kind = property_kind::milliseconds,
       .fallback = "2000",
       .least = 1,
       .most = 60000},
  };
}

std::vector<base::property> secret_properties() {
  return {
      {.name = "backend.secret_key",
       .environment = "BACKEND_SECRET_KEY",
       .description = "Key that encrypts secrets at rest: 32 bytes as base64url or hexadecimal.",
       .kind = property_kind::secret},
      {.name = "backend.secret_key_file",
       .environment = "BACKEND_SECRET_KEY_FILE",
       .description = "File that holds that key, mode 0600; made at the first start if missing."},
      {.name = "backend.key_ring_file",
       .environment = "BACKEND_KEY_RING_FILE",
       .description = "File with named keys, mode 0600: the active one seals, all open. "
                      "httvps-backend keyring makes and changes it; an edit counts within 2 s."},
      {.name = "backend.key_ring_mode",
       .environment = "BACKEND_KEY_RING_MODE",
       .description = "required: every secret at rest is sealed and one in clear is an error; "
                      "migration: seals, and still reads what is in clear; off: seals nothing.",
       .fallback = "required"},
      {.name = "backend.signing_key_days",
       .environment = "BACKEND_SIGNING_KEY_DAYS",
       .description = "Days after which a new key signs tokens, tickets and configurations.",
       .kind = property_kind::number,
       .fallback = "30",
       .least = 3,
       .most = 365},
  };
}

std::vector<base::property> first_start_properties() {
  return {
      {.name = "backend.gateway_secret",
       .environment = "BACKEND_GATEWAY_SECRET",
       .description = "Secret with which gateways ask to join, 16 letters or more; empty allows "
                      "one-use join tokens only.",
       .kind = property_kind::secret},
      {.name = "backend.gateway_auto_approve",
       .environment = "BACKEND_GATEWAY_AUTO_APPROVE",
       .description = "Approves gateways that join with the secret at once: demo and development "
                      "only.",
       .kind = property_kind::flag,
       .fallback = "false"},
      {.name = "backend.root_key_file",
       .environment = "BACKEND_ROOT_KEY_FILE",
       .description = "File of the deployment's root key, mode 0600; made at the first start. "
                      "Empty means beside the database."},
      {.name = "backend.admin_token_file",
       .environment = "BACKEND_ADMIN_TOKEN_FILE",
       .description = "File of the first admin token, mode 0600; made at the first start. Empty "
                      "means beside the database."},
  };
}

std::vector<base::property> log_properties() {
  return {
      {.name = "backend.log_file",
       .environment = "BACKEND_LOG_FILE",
       .description = "File for JSON log lines; empty means standard error."},
      {.name = "backend.log_level",
       .environment = "BACKEND_LOG_LEVEL",
       .description = "Least level that is logged: debug, info, warn or error.",
       .fallback = "info"},
  };
}

std::vector<base::property> running_properties() {
  return {
      {.name = "backend.listen",
       .environment = "BACKEND_LISTEN",
       .description = "Address and port of the REST API; port 0 takes a free one.",
       .fallback = "127.0.0.1:8080"},
      {.name = "backend.address_file",
       .environment = "BACKEND_ADDRESS_FILE",
       .description = "File that receives the bound address as HOST:PORT."},
      {.name = "backend.queue",
       .environment = "BACKEND_QUEUE",
       .description = "Requests that may wait for a database connection; more are refused.",
       .kind = property_kind::number,
       .fallback = "256",
       .least = 1,
       .most = 65536},
      {.name = "backend.request_deadline",
       .environment = "BACKEND_REQUEST_DEADLINE",
       .description = "Milliseconds after which a waiting request is answered with server_busy.",
       .kind = property_kind::milliseconds,
       .fallback = "10000",
       .least = 100,
       .most = 600000},
      {.name = "backend.drain",
       .environment = "BACKEND_DRAIN",
       .description = "Milliseconds that requests in work may take after SIGTERM.",
       .kind = property_kind::milliseconds,
       .fallback = "10000",
       .least = 0,
       .most = 600000},
      {.name = "backend.polls",
       .environment = "BACKEND_POLLS",
       .description = "Node agents and gateways that may wait for a change at once; more are "
                      "refused and come again.",
       .kind = property_kind::number,
       .fallback = "512",
       .least = 1,
       .most = 65536},
  };
}

base::secret_bytes decode_key(std::string_view text) {
  auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != services::field_key_size) {
    bytes = base::from_base64url(text);
  }
  return bytes ? base::secret_bytes(*std::move(bytes)) : base::secret_bytes();
}

std::optional<services::sealing_mode> parse_mode(std::string_view text) {
  using services::sealing_mode;
  if (text == "required") {
    return sealing_mode::required;
  }
  if (text == "migration") {
    return sealing_mode::migration;
  }
  return text == "off" ? std::optional(sealing_mode::off) : std::nullopt;
}

void read_sealing(const base::settings& source, backend_settings& chosen, problem_list& problems) {
  chosen.key_ring_file = source.text("backend.key_ring_file");
  const auto mode = parse_mode(source.text("backend.key_ring_mode"));
  chosen.sealing = mode.value_or(services::sealing_mode::required);
  if (!mode) {
    problems.push_back(
        {"backend.key_ring_mode", "backend.key_ring_mode must be required, migration or off."});
  }
}

void check_key_sources(const base::settings& source, const backend_settings& chosen,
                       problem_list& problems) {
  const auto& key = source.text("backend.secret_key");
  const bool has_ring = !chosen.key_ring_file.empty();
  const bool needs_key = chosen.sealing != services::sealing_mode::off;
  if (key.empty() && chosen.secret_key_file.empty() && !has_ring && needs_key) {
    problems.push_back({"backend.secret_key",
                        "Set BACKEND_SECRET_KEY, BACKEND_SECRET_KEY_FILE or "
                        "BACKEND_KEY_RING_FILE: secrets are never stored in clear. A secret key "
                        "file is made at the first start."});
  } else if (!key.empty() && !chosen.secret_key_file.empty()) {
    problems.push_back({"backend.secret_key",
                        "Set either BACKEND_SECRET_KEY or BACKEND_SECRET_KEY_FILE, not both."});
  } else if (!key.empty() && chosen.secret_key.size() != services::field_key_size) {
    problems.push_back({"backend.secret_key",
                        "backend.secret_key must be 32 bytes as base64url or hexadecimal; "
                        "openssl rand -hex 32 makes one."});
  }
}

void read_secrets(const base::settings& source, backend_settings& chosen, problem_list& problems) {
  chosen.secret_key_file = source.text("backend.secret_key_file");
  chosen.secret_key = decode_key(source.text("backend.secret_key"));
  read_sealing(source, chosen, problems);
  chosen.signing_key_term = std::chrono::days(source.number("backend.signing_key_days"));
  check_key_sources(source, chosen, problems);
  chosen.gateway_secret = base::secret_bytes::from_text(source.text("backend.gateway_secret"));
  if (!chosen.gateway_secret.empty() && chosen.gateway_secret.size() < shortest_gateway_secret) {
    problems.push_back(
        {"backend.gateway_secret", "backend.gateway_secret needs 16 letters or more."});
  }
}

base::result<storage::database_address> read_address(const base::settings& source) {
  const auto& file = source.text("backend.db_dsn_file");
  if (file.empty()) {
    return storage::database_address::parse(source.text("backend.db_dsn"));
  }
  return load_database_address(file);
}

void read_database(const base::settings& source, backend_settings& chosen, problem_list& problems) {
  const auto address = read_address(source);
  if (!address) {
    problems.push_back(
        {source.text("backend.db_dsn_file").empty() ? "backend.db_dsn" : "backend.db_dsn_file",
         address.error().message()});
    return;
  }
  chosen.database = *address;
  chosen.schema = source.flag("backend.db_migrate") ? schema_policy::migrate : schema_policy::check;
  chosen.database_most_bytes = static_cast<std::uint64_t>(source.number("backend.db_max_bytes"));
  chosen.database_connections = static_cast<std::size_t>(source.number("backend.db_connections"));
  chosen.database_patience = source.time("backend.db_patience");
}

std::string beside(const std::string& chosen, const std::string& database,
                   std::string_view suffix) {
  return chosen.empty() && !database.empty() ? database + std::string(suffix) : chosen;
}

void read_key_files(const base::settings& source, backend_settings& chosen,
                    problem_list& problems) {
  const auto& file = chosen.database.path();
  chosen.root_key_file = beside(source.text("backend.root_key_file"), file, ".root-key");
  chosen.admin_token_file = beside(source.text("backend.admin_token_file"), file, ".admin-token");
  if (chosen.root_key_file.empty()) {
    problems.push_back({"backend.root_key_file",
                        "Set BACKEND_ROOT_KEY_FILE: PostgreSQL has no file to put it beside."});
  }
  if (chosen.admin_token_file.empty()) {
    problems.push_back({"backend.admin_token_file",
                        "Set BACKEND_ADMIN_TOKEN_FILE: PostgreSQL has no file to put it beside."});
  }
}

void read_running(const base::settings& source, backend_settings& chosen, problem_list& problems) {
  chosen.listen = source.text("backend.listen");
  if (!net::parse_endpoint(chosen.listen)) {
    problems.push_back({"backend.listen", "backend.listen must look like 127.0.0.1:8080."});
  }
  chosen.address_file = source.text("backend.address_file");
  chosen.queue = static_cast<std::size_t>(source.number("backend.queue"));
  chosen.request_deadline = source.time("backend.request_deadline");
  chosen.drain = source.time("backend.drain");
  chosen.polls = static_cast<std::size_t>(source.number("backend.polls"));
  chosen.log_file = source.text("backend.log_file");
  const auto level = base::parse_log_level(source.text("backend.log_level"));
  chosen.log_level = level.value_or(base::log_level::info);
  if (!level) {
    problems.push_back(
        {"backend.log_level", "backend.log_level must be debug, info, warn or error."});
  }
}

}

base::result<storage::database_address> load_database_address(const std::string& file) {
  HTTVPS_TRY(const auto content, identity::load_secret_file(file));
  auto dsn = content.reveal_text();
  while (dsn.ends_with('\n') || dsn.ends_with('\r')) {
    dsn.remove_suffix(1);
  }
  return storage::database_address::parse(dsn);
}

std::vector<base::property> backend_properties() {
  auto all = storage_properties();
  for (auto& group : {secret_properties(), first_start_properties(), running_properties(),
                      accounting_properties(), pruning_properties(), rate_properties(),
                      redis_properties(), log_properties()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

settings_outcome read_settings(const base::settings& source) {
  settings_outcome outcome;
  outcome.problems = source.validate();
  auto& chosen = outcome.chosen;
  read_database(source, chosen, outcome.problems);
  read_secrets(source, chosen, outcome.problems);
  read_running(source, chosen, outcome.problems);
  read_accounting(source, chosen);
  read_rates(source, chosen);
  read_redis(source, chosen, outcome.problems);
  read_key_files(source, chosen, outcome.problems);
  chosen.approval = source.flag("backend.gateway_auto_approve") ? services::join_approval::automatic
                                                                : services::join_approval::by_admin;
  return outcome;
}

}
