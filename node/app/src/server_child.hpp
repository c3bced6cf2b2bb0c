#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/net/task.hpp"

namespace httvps::node {

std::string process_identity(pid_t process);
base::result<void> signal_process_of(const std::string& pid_file, const std::string& name);
base::result<pid_t> process_of(const std::string& pid_file, const std::string& name);

class server_child {
 public:
  server_child(const net::executor& runs_on, std::vector<std::string> command);
  server_child(const server_child&) = delete;
  server_child& operator=(const server_child&) = delete;
  ~server_child();

  base::result<void> start();
  bool is_running() const noexcept { return process_ > 0; }
  pid_t process() const noexcept { return process_; }
  base::steady_time started_at() const noexcept { return started_at_; }
  void signal(int number) const noexcept;
  net::task<int> wait(base::steady_time deadline);

 private:
  [[noreturn]] void become_server() const;
  int reap() noexcept;

  std::vector<std::string> command_;
  std::optional<net::asio::posix::stream_descriptor> handle_;
  net::executor runs_on_;
  pid_t process_ = -1;
  base::steady_time started_at_{};
};

}
