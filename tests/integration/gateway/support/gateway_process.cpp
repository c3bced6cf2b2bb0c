#include "gateway/support/gateway_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "httvps/base/bytes.hpp"
#include "httvps/net/endpoint.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr auto ready_limit = std::chrono::seconds(20);
constexpr auto look_again = std::chrono::milliseconds(5);
constexpr unsigned first_other_descriptor = 3;
constexpr auto metric_limit = std::chrono::seconds(10);

void open_as(int descriptor, const std::string& path, int flags) {
  const int opened = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  dup2(opened, descriptor);
}

std::uint16_t port_in(const boost::json::object& places, const char* name) {
  const std::string text(places.at(name).as_string());
  return net::parse_endpoint(text).value().port;
}

std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (auto& line : lines) {
    pointers.push_back(line.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}

plain_answer fetch_plain(std::uint16_t port, const std::string& path) {
  const auto connection = connect_loopback(port);
  if (!connection) {
    return {};
  }
  const auto request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  connection.send_all(base::as_bytes(request));
  const auto bytes = receive_until_end(connection);
  const std::string text(base::as_text(bytes));
  const auto body = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || body == std::string::npos) {
    return {};
  }
  return {.status = std::stoi(text.substr(9, 3)), .body = text.substr(body + 4)};
}

gateway_process::gateway_process(gateway_options chosen) : chosen_(std::move(chosen)) {
  start();
}

gateway_process::~gateway_process() {
  if (process_ > 0 && !exit_code_) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

std::vector<std::string> gateway_process::environment_lines() const {
  std::map<std::string, std::string> all = {{"GATEWAY_LISTEN", "127.0.0.1:0"},
                                            {"GATEWAY_METRICS_LISTEN", "127.0.0.1:0"},
                                            {"GATEWAY_ADDRESS_FILE", folder_.file("address.json")},
                                            {"GATEWAY_STATE_DIR", folder_.file("state")},
                                            {"GATEWAY_LOG_FILE", folder_.file("log")},
                                            {"GATEWAY_THREADS", "1"},
                                            {"GATEWAY_USAGE_INTERVAL", "100"},
                                            {"GATEWAY_USAGE_SYNC", "100"},
                                            {"GATEWAY_USAGE_RETRY", "200"},
                                            {"GATEWAY_HEARTBEAT_INTERVAL", "100"},
                                            {"GATEWAY_STATE_INTERVAL", "100"},
                                            {"GATEWAY_DRAIN", "3000"},
                                            {"TSAN_OPTIONS", "halt_on_error=1"},
                                            {"PATH", "/usr/bin:/bin"}};
  for (const auto& [name, value] : chosen_.environment) {
    all[name] = value;
  }
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) {
    lines.push_back(name + "=" + value);
  }
  return lines;
}

void gateway_process::become_gateway(const std::vector<std::string>& lines) const {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  open_as(0, "/dev/null", O_RDONLY);
  open_as(1, folder_.file("stdout"), O_WRONLY | O_CREAT | O_TRUNC);
  open_as(2, folder_.file("stderr"), O_WRONLY | O_CREAT | O_APPEND);
  if (chosen_.file_size_limit) {
    const rlimit limit{.rlim_cur = *chosen_.file_size_limit, .rlim_max = *chosen_.file_size_limit};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  auto owned = lines;
  const auto environment = pointers_to(owned);
  close_range(first_other_descriptor, ~0U, 0);
  std::vector<std::string> words = {HTTVPS_GATEWAY_PROGRAM};
  words.insert(words.end(), chosen_.arguments.begin(), chosen_.arguments.end());
  const auto arguments = pointers_to(words);
  execve(HTTVPS_GATEWAY_PROGRAM, arguments.data(), environment.data());
  _exit(127);
}

void gateway_process::start() {
  const auto lines = environment_lines();
  exit_code_.reset();
  process_ = fork();
  if (process_ == 0) {
    become_gateway(lines);
  }
}

void gateway_process::start_again() {
  std::filesystem::remove(folder_.file("address.json"));
  start();
}

void gateway_process::fill_disk() const {
  const rlimit full{.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
  prlimit(process_, RLIMIT_FSIZE, &full, nullptr);
}

void gateway_process::free_disk() const {
  const rlimit roomy{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  prlimit(process_, RLIMIT_FSIZE, &roomy, nullptr);
}

bool gateway_process::wait_until_ready() {
  const auto end = std::chrono::steady_clock::now() + ready_limit;
  const auto file = folder_.file("address.json");
  while (std::chrono::steady_clock::now() < end && is_running()) {
    if (std::filesystem::exists(file)) {
      const auto places = boost::json::parse(content_of(file)).as_object();
      public_port_ = port_in(places, "listen");
      metrics_port_ = port_in(places, "metrics");
      return true;
    }
    std::this_thread::sleep_for(look_again);
  }
  return false;
}

std::uint64_t gateway_process::resident_kib() const {
  std::istringstream status(content_of("/proc/" + std::to_string(process_) + "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) {
      return std::stoull(line.substr(6));
    }
  }
  throw std::runtime_error("the gateway has no resident memory: it is gone");
}

bool gateway_process::is_running() {
  return !wait_for_exit(std::chrono::milliseconds(0)).has_value();
}

void gateway_process::terminate() const {
  send_signal(SIGTERM);
}

void gateway_process::send_signal(int number) const {
  kill(process_, number);
}

bool gateway_process::wait_for_log(const std::string& text) const {
  const auto end = std::chrono::steady_clock::now() + metric_limit;
  while (log().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

void gateway_process::kill_at_once() {
  kill(process_, SIGKILL);
  wait_for_exit(std::chrono::seconds(10));
}

std::optional<int> gateway_process::wait_for_exit(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!exit_code_) {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (std::chrono::steady_clock::now() >= end) {
      break;
    } else {
      std::this_thread::sleep_for(look_again);
    }
  }
  return exit_code_;
}

double gateway_process::metric(const std::string& series) const {
  std::istringstream lines(fetch_plain(metrics_port_, "/metrics").body);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(series + " ")) {
      return std::stod(line.substr(series.size() + 1));
    }
  }
  return -1;
}

bool gateway_process::wait_for_metric(const std::string& series,
                                      const std::function<bool(double)>& enough) const {
  const auto end = std::chrono::steady_clock::now() + metric_limit;
  while (!enough(metric(series))) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

bool gateway_process::wait_for_metric(const std::string& series, double least) const {
  return wait_for_metric(series, [least](double value) { return value >= least; });
}

bool gateway_process::wait_until_metric_is(const std::string& series, double wanted) const {
  return wait_for_metric(series, [wanted](double value) { return value == wanted; });
}

bool gateway_process::wait_until_zero(const std::string& series) const {
  return wait_until_metric_is(series, 0);
}

std::string line_with(const std::string& log, const std::string& word) {
  const auto found = log.find(word);
  if (found == std::string::npos) {
    return {};
  }
  const auto begin = log.rfind('\n', found) + 1;
  return log.substr(begin, log.find('\n', found) - begin);
}

}
