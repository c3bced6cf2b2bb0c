#include "support/backend_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace httvps::testing {
namespace {

constexpr auto start_limit = std::chrono::seconds(20);
constexpr auto stop_limit = std::chrono::seconds(20);
constexpr auto probe_interval = std::chrono::milliseconds(5);
constexpr int longest_lock_ms = 5000;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<char*> pointers_of(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> as_lines(const environment& variables) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) {
    lines.push_back(std::string(name).append("=").append(value));
  }
  return lines;
}

pid_t start_program(std::vector<std::string> words, const environment& variables,
                    const std::string& output) {
  auto lines = as_lines(variables);
  auto arguments = pointers_of(words);
  auto settings = pointers_of(lines);
  const pid_t process = fork();
  if (process != 0) {
    return process;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int target = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(target, 1);
  dup2(target, 2);
  execve(HTTVPS_BACKEND_PROGRAM, arguments.data(), settings.data());
  _exit(127);
}

int keep_cell(void* kept, int columns, char** cells, char**) {
  if (columns > 0 && cells[0] != nullptr) {
    *static_cast<std::string*>(kept) = cells[0];
  }
  return 0;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_for_end(pid_t process) {
  const auto end = std::chrono::steady_clock::now() + stop_limit;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (waitpid(process, &status, WNOHANG) == process) {
      return exit_code_of(status);
    }
    std::this_thread::sleep_for(probe_interval);
  }
  ::kill(process, SIGKILL);
  waitpid(process, &status, 0);
  return exit_code_of(status);
}

}

backend_folder::backend_folder(test_servers::test_engine engine) {
  if (engine == test_servers::test_engine::postgresql) {
    database_.emplace();
  }
}

std::string backend_folder::file(std::string_view name) const {
  return path_ / name;
}

std::string backend_folder::text_of(std::string_view name) const {
  return read_file(file(name));
}

std::string backend_folder::admin_token() const {
  auto text = text_of("admin-token");
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

environment backend_folder::usual_environment() const {
  return {{"BACKEND_DB_DSN", dsn()},
          {"BACKEND_SECRET_KEY_FILE", file("secret-key")},
          {"BACKEND_ROOT_KEY_FILE", file("root-key")},
          {"BACKEND_ADMIN_TOKEN_FILE", file("admin-token")},
          {"BACKEND_GATEWAY_SECRET", std::string(gateway_secret)},
          {"BACKEND_LISTEN", "127.0.0.1:0"},
          {"BACKEND_ADDRESS_FILE", file("address")},
          {"BACKEND_METRICS_ADDRESS_FILE", file("metrics-address")},
          {"BACKEND_LOG_LEVEL", "debug"},
          {"BACKEND_ADMIN_RATE", "10000"},
          {"BACKEND_DEVICE_RATE", "10000"}};
}

std::string backend_folder::everything_written() const {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    const auto name = entry.path().filename().string();
    if (name != "admin-token" && name != "secret-key" && name != "root-key") {
      all += read_file(entry.path());
    }
  }
  if (database_) {
    all += database_->query("SELECT database_to_xml(true, false, '')");
    all += test_servers::shared_postgresql().log();
  }
  return all;
}

std::string backend_folder::dsn() const {
  return database_ ? database_->dsn() : "sqlite://" + file("backend.db");
}

void backend_folder::run_sql(const std::string& sql) const {
  static_cast<void>(ask(sql));
}

std::string backend_folder::ask(const std::string& sql) const {
  if (database_) {
    return database_->query(sql);
  }
  sqlite3* opened = nullptr;
  std::string cell;
  const bool ran = sqlite3_open(file("backend.db").c_str(), &opened) == SQLITE_OK &&
                   sqlite3_busy_timeout(opened, longest_lock_ms) == SQLITE_OK &&
                   sqlite3_exec(opened, sql.c_str(), keep_cell, &cell, nullptr) == SQLITE_OK;
  sqlite3_close(opened);
  if (!ran) {
    throw std::runtime_error("cannot run " + sql);
  }
  return cell;
}

backend_process::backend_process(const backend_folder& folder, environment variables)
    : folder_(folder) {
  std::filesystem::remove(folder.file("address"));
  process_ = start_program({"httvps-backend"}, variables, folder.file("log"));
  wait_for_address();
}

backend_process::~backend_process() {
  kill();
}

void backend_process::wait_for_address() {
  const auto end = std::chrono::steady_clock::now() + start_limit;
  while (std::chrono::steady_clock::now() < end) {
    address_ = folder_.text_of("address");
    if (address_.ends_with('\n')) {
      address_.pop_back();
      const auto figures = folder_.text_of("metrics-address");
      metrics_address_ = figures.substr(0, figures.find('\n'));
      return;
    }
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      break;
    }
    std::this_thread::sleep_for(probe_interval);
  }
  kill();
  throw std::runtime_error("httvps-backend does not start: " + folder_.text_of("log"));
}

int backend_process::stop() {
  ::kill(process_, SIGTERM);
  const int code = wait_for_end(process_);
  process_ = -1;
  return code;
}

void backend_process::kill() noexcept {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
}

std::optional<int> backend_process::wait_for_exit(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  int status = 0;
  while (waitpid(process_, &status, WNOHANG) != process_) {
    if (std::chrono::steady_clock::now() >= end) {
      return std::nullopt;
    }
    std::this_thread::sleep_for(probe_interval);
  }
  process_ = -1;
  return exit_code_of(status);
}

program_outcome run_backend(const backend_folder& folder, const std::vector<std::string>& words,
                            const environment& variables) {
  std::vector<std::string> command = {"httvps-backend"};
  command.insert(command.end(), words.begin(), words.end());
  std::filesystem::remove(folder.file("output"));
  const pid_t process = start_program(std::move(command), variables, folder.file("output"));
  const int code = wait_for_end(process);
  return {.exit_code = code, .output = folder.text_of("output")};
}

}
