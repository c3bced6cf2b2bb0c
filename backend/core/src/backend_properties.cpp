#include "credential_settings.hpp"
#include "httvps/backend/core/settings.hpp"
#include "metrics_settings.hpp"
#include "proxy_settings.hpp"
#include "redis_settings.hpp"
#include "tuning_settings.hpp"

namespace httvps::backend::core {
namespace {

using base::property_kind;

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
       .fallback = "required",
       .choices = {"required", "migration", "off"}},
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
       .fallback = "info",
       .choices = {"debug", "info", "warn", "error"}},
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

}

std::vector<base::property> backend_properties() {
  return base::join_properties({storage_properties(), secret_properties(), first_start_properties(),
                                credential_properties(), running_properties(), metrics_properties(),
                                accounting_properties(), pruning_properties(), rate_properties(),
                                redis_properties(), proxy_properties(), log_properties()});
}

}
