#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "temporary_folder.hpp"

namespace httvps::testing {

inline constexpr auto exit_limit = std::chrono::seconds(15);

struct gateway_options {
  std::map<std::string, std::string> environment = {};
  std::optional<std::uint64_t> file_size_limit = std::nullopt;
  std::vector<std::string> arguments = {};
};

struct plain_answer {
  int status = 0;
  std::string body;
};

plain_answer fetch_plain(std::uint16_t port, const std::string& path);

class gateway_process {
 public:
  explicit gateway_process(gateway_options chosen);
  gateway_process(const gateway_process&) = delete;
  gateway_process& operator=(const gateway_process&) = delete;
  ~gateway_process();

  bool wait_until_ready();
  std::uint16_t public_port() const noexcept { return public_port_; }
  std::uint16_t metrics_port() const noexcept { return metrics_port_; }
  std::uint64_t resident_kib() const;
  bool is_running();
  void terminate() const;
  void send_signal(int number) const;
  bool wait_for_log(const std::string& text) const;
  void kill_at_once();
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit);
  std::string standard_error() const { return content_of(folder_.file("stderr")); }
  std::string standard_output() const { return content_of(folder_.file("stdout")); }
  std::string log() const { return content_of(folder_.file("log")); }
  std::string state_folder() const { return folder_.file("state"); }
  void start_again();
  void fill_disk() const;
  void free_disk() const;

  double metric(const std::string& series) const;
  bool wait_for_metric(const std::string& series, double least) const;
  bool wait_until_metric_is(const std::string& series, double wanted) const;
  bool wait_until_zero(const std::string& series) const;

 private:
  bool wait_for_metric(const std::string& series, const std::function<bool(double)>& enough) const;
  void start();
  std::vector<std::string> environment_lines() const;
  [[noreturn]] void become_gateway(const std::vector<std::string>& lines) const;

  gateway_options chosen_;
  temporary_folder folder_;
  pid_t process_ = -1;
  std::optional<int> exit_code_;
  std::uint16_t public_port_ = 0;
  std::uint16_t metrics_port_ = 0;
};

std::string line_with(const std::string& log, const std::string& word);

}
