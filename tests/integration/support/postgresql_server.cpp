#include "support/postgresql_server.hpp"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "support/ss_server.hpp"
#include "support/unprivileged_process.hpp"
#include "temporary_folder.hpp"

namespace httvps::test_servers {
namespace {

namespace files = std::filesystem;

constexpr std::string_view packaged = "/usr/lib/postgresql";
constexpr int start_attempts = 5;
constexpr auto start_limit = std::chrono::seconds(30);
constexpr auto stop_limit = std::chrono::seconds(20);
constexpr auto probe_interval = std::chrono::milliseconds(5);

std::string program(std::string_view name) {
  files::path newest;
  for (const auto& entry : files::directory_iterator(packaged)) {
    const auto candidate = entry.path() / "bin" / name;
    if (files::exists(candidate) && candidate > newest) {
      newest = candidate;
    }
  }
  if (newest.empty()) {
    throw std::runtime_error("PostgreSQL is missing: install the package postgresql-15");
  }
  return newest;
}

struct connection_closer {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct result_closer {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};

}

postgresql_server::postgresql_server(postgresql_options chosen) : chosen_(chosen) {
  prepare_folder();
  try {
    run_unprivileged(
        {program("initdb"), "-D", folder_ / "data", "-U", "postgres", "-A", "scram-sha-256",
         "--pwfile", folder_ / "password", "-E", "UTF8", "--no-locale", "--locale-provider=icu",
         "--icu-locale=en-US", "--no-sync", "--no-instructions"},
        folder_ / "log");
    if (chosen_.transport == postgresql_transport::tls) {
      make_certificate();
    }
    start();
  } catch (...) {
    signal_and_wait(SIGQUIT);
    files::remove_all(folder_);
    throw;
  }
}

postgresql_server::~postgresql_server() {
  signal_and_wait(SIGQUIT);
  std::error_code ignored;
  files::remove_all(folder_, ignored);
}

void postgresql_server::prepare_folder() {
  auto name = (files::temp_directory_path() / "httvps-postgresql-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make a folder for PostgreSQL");
  }
  folder_ = name;
  std::ofstream(folder_ / "password") << postgresql_password << "\n";
  const auto who = unprivileged_account();
  for (const auto& path : {folder_, folder_ / "password"}) {
    if (chown(path.c_str(), who.user, who.group) != 0) {
      throw std::runtime_error("cannot give PostgreSQL its folder");
    }
  }
}

void postgresql_server::make_certificate() const {
  run_unprivileged(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
       folder_ / "key.pem", "-out", certificate()},
      folder_ / "log");
}

std::vector<std::string> postgresql_server::command() const {
  std::vector<std::string> words = {program("postgres"), "-D", folder_ / "data", "-k", folder_};
  const auto set = [&](std::string setting) {
    words.emplace_back("-c");
    words.push_back(std::move(setting));
  };
  set("max_connections=60");
  set(chosen_.durability == postgresql_durability::relaxed ? "shared_buffers=16MB"
                                                           : "shared_buffers=128MB");
  set("log_min_messages=warning");
  if (chosen_.durability == postgresql_durability::relaxed) {
    set("fsync=off");
    set("full_page_writes=off");
  }
  if (chosen_.transport == postgresql_transport::tls) {
    set("listen_addresses=127.0.0.1");
    set("port=" + std::to_string(port_));
    set("ssl=on");
    set("ssl_cert_file=" + certificate());
    set("ssl_key_file=" + (folder_ / "key.pem").string());
  } else {
    set("listen_addresses=");
  }
  return words;
}

void postgresql_server::start() {
  for (int attempt = 1;; ++attempt) {
    port_ =
        chosen_.transport == postgresql_transport::tls ? testing::free_port() : std::uint16_t{5432};
    process_ = launch_unprivileged(command(), folder_ / "log");
    try {
      wait_until_ready();
      return;
    } catch (const std::exception&) {
      signal_and_wait(SIGQUIT);
      if (attempt == start_attempts) {
        throw;
      }
    }
  }
}

void postgresql_server::wait_until_ready() const {
  const auto end = std::chrono::steady_clock::now() + start_limit;
  const auto address = dsn("postgres");
  while (std::chrono::steady_clock::now() < end && waitpid(process_, nullptr, WNOHANG) == 0) {
    if (PQping(address.c_str()) == PQPING_OK) {
      return;
    }
    std::this_thread::sleep_for(probe_interval);
  }
  throw std::runtime_error("PostgreSQL does not start: " + log());
}

void postgresql_server::signal_and_wait(int signal) noexcept {
  const auto end = std::chrono::steady_clock::now() + stop_limit;
  if (process_ > 0) {
    ::kill(process_, signal);
  }
  while (process_ > 0) {
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
    } else if (std::chrono::steady_clock::now() > end) {
      ::kill(process_, SIGKILL);
    }
    std::this_thread::sleep_for(probe_interval);
  }
}

void postgresql_server::stop() {
  signal_and_wait(SIGINT);
}

void postgresql_server::crash() {
  signal_and_wait(SIGQUIT);
}

std::string postgresql_server::dsn(std::string_view database) const {
  return std::string("postgres://postgres:")
      .append(postgresql_password)
      .append("@/")
      .append(database)
      .append("?host=")
      .append(folder_.string())
      .append("&port=")
      .append(std::to_string(port_));
}

std::string postgresql_server::tls_dsn(std::string_view database, std::string_view options) const {
  return std::string("postgres://postgres:")
      .append(postgresql_password)
      .append("@localhost:")
      .append(std::to_string(port_))
      .append("/")
      .append(database)
      .append("?hostaddr=127.0.0.1&")
      .append(options);
}

std::string postgresql_server::certificate() const {
  return folder_ / "certificate.pem";
}

std::string postgresql_server::log() const {
  return content_of(folder_ / "log");
}

std::string postgresql_server::query(std::string_view database, const std::string& sql) const {
  const std::unique_ptr<PGconn, connection_closer> connection(PQconnectdb(dsn(database).c_str()));
  const std::unique_ptr<PGresult, result_closer> result(PQexec(connection.get(), sql.c_str()));
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

postgresql_durability chosen_durability() {
  const char* name = std::getenv("HTTVPS_TEST_DURABILITY");
  const std::string_view wanted = name != nullptr ? name : "relaxed";
  return wanted == "full" ? postgresql_durability::full : postgresql_durability::relaxed;
}

postgresql_server& shared_postgresql() {
  static postgresql_server server({.durability = chosen_durability()});
  return server;
}

postgresql_database::postgresql_database(std::string_view like) {
  static int made = 0;
  name_ = "test_" + std::to_string(++made);
  shared_postgresql().query("postgres",
                            "CREATE DATABASE " + name_ + " TEMPLATE " + std::string(like));
}

postgresql_database::~postgresql_database() {
  try {
    shared_postgresql().query("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    return;
  }
}

test_engine chosen_engine() {
  const char* name = std::getenv("HTTVPS_TEST_ENGINE");
  const std::string_view wanted = name != nullptr ? name : "sqlite";
  if (wanted == "postgresql") {
    return test_engine::postgresql;
  }
  if (wanted == "sqlite") {
    return test_engine::sqlite;
  }
  throw std::runtime_error("HTTVPS_TEST_ENGINE must be sqlite or postgresql");
}

}
