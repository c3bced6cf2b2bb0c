#include "httvps/backend/core/settings.hpp"

#include "credential_settings.hpp"
#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/key_file.hpp"
#include "httvps/net/endpoint.hpp"
#include "metrics_settings.hpp"
#include "proxy_settings.hpp"
#include "redis_settings.hpp"
#include "tuning_settings.hpp"

namespace httvps::backend::core {
namespace {

using problem_list = std::vector<base::setting_problem>;

constexpr std::size_t shortest_gateway_secret = 16;

base::secret_bytes decode_key(std::string_view text) {
  auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != services::field_key_size) {
    bytes = base::from_base64url(text);
  }
  return bytes ? base::secret_bytes(*std::move(bytes)) : base::secret_bytes();
}

services::sealing_mode mode_of(std::string_view text) {
  using services::sealing_mode;
  if (text == "migration") {
    return sealing_mode::migration;
  }
  return text == "off" ? sealing_mode::off : sealing_mode::required;
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
  chosen.key_ring_file = source.text("backend.key_ring_file");
  chosen.sealing = mode_of(source.text("backend.key_ring_mode"));
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
  chosen.log_level =
      base::parse_log_level(source.text("backend.log_level")).value_or(base::log_level::info);
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

settings_outcome read_settings(const base::settings& source) {
  settings_outcome outcome;
  outcome.problems = source.validate();
  auto& chosen = outcome.chosen;
  read_database(source, chosen, outcome.problems);
  read_secrets(source, chosen, outcome.problems);
  read_credential_terms(source, chosen, outcome.problems);
  read_running(source, chosen, outcome.problems);
  read_metrics(source, chosen, outcome.problems);
  read_accounting(source, chosen);
  read_rates(source, chosen);
  read_redis(source, chosen, outcome.problems);
  read_proxies(source, chosen, outcome.problems);
  read_key_files(source, chosen, outcome.problems);
  chosen.approval = source.flag("backend.gateway_auto_approve") ? services::join_approval::automatic
                                                                : services::join_approval::by_admin;
  return outcome;
}

}
