#include "server_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "httvps/base/scope_exit.hpp"
#include "httvps/net/with_deadline.hpp"
#include "httvps/node/app/errc.hpp"

namespace httvps::node {
namespace {

constexpr unsigned first_other_descriptor = 3;
constexpr int exit_not_executed = 127;
constexpr int exit_by_signal = 128;
constexpr int fields_before_start_time = 19;
constexpr std::size_t command_name_most = 15;

std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string start_time_of(pid_t process) {
  const auto line = first_line_of("/proc/" + std::to_string(process) + "/stat");
  const auto names_end = line.rfind(')');
  if (names_end == std::string::npos) {
    return {};
  }
  std::istringstream fields(line.substr(names_end + 1));
  std::string field;
  for (int index = 0; index <= fields_before_start_time; ++index) {
    fields >> field;
  }
  return fields ? field : std::string();
}

int open_handle(pid_t process) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
}

base::result<pid_t> number_in(const std::string& pid_file) {
  const auto line = first_line_of(pid_file);
  pid_t process = 0;
  const auto [end, status] = std::from_chars(line.data(), line.data() + line.size(), process);
  if (status != std::errc() || end != line.data() + line.size() || process <= 1) {
    return base::fail(app_errc::server_absent);
  }
  return process;
}

net::task<> wait_readable(net::asio::posix::stream_descriptor* handle) {
  const auto [failure] = co_await handle->async_wait(net::asio::posix::stream_descriptor::wait_read,
                                                     net::asio::as_tuple(net::asio::use_awaitable));
  if (failure) {
    co_return base::fail(net::fold_error(failure));
  }
  co_return base::result<void>();
}

}

std::string process_identity(pid_t process) {
  const auto started = start_time_of(process);
  if (started.empty()) {
    return {};
  }
  return first_line_of("/proc/sys/kernel/random/boot_id") + "/" + std::to_string(process) + "/" +
         started;
}

base::result<pid_t> process_of(const std::string& pid_file, const std::string& name) {
  HTTVPS_TRY(const auto process, number_in(pid_file));
  const auto comm = first_line_of("/proc/" + std::to_string(process) + "/comm");
  if (comm.empty() || comm != name.substr(0, command_name_most)) {
    return base::fail(app_errc::server_absent);
  }
  return process;
}

base::result<void> signal_process_of(const std::string& pid_file, const std::string& name) {
  HTTVPS_TRY(const auto process, number_in(pid_file));
  const int handle = open_handle(process);
  if (handle < 0) {
    return base::fail(app_errc::server_absent);
  }
  const base::scope_exit closed([handle] { ::close(handle); });
  HTTVPS_CHECK(process_of(pid_file, name));
  if (::syscall(SYS_pidfd_send_signal, handle, SIGHUP, nullptr, 0) != 0) {
    return base::fail(app_errc::server_absent);
  }
  return {};
}

server_child::server_child(const net::executor& runs_on, std::vector<std::string> command)
    : command_(std::move(command)), runs_on_(runs_on) {}

server_child::~server_child() {
  if (is_running()) {
    signal(SIGKILL);
    reap();
  }
}

void server_child::become_server() const {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  const int nowhere = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDIN_FILENO);
  }
  ::close_range(first_other_descriptor, ~0U, CLOSE_RANGE_CLOEXEC);
  std::vector<char*> arguments;
  arguments.reserve(command_.size() + 1);
  for (const auto& word : command_) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(exit_not_executed);
}

base::result<void> server_child::start() {
  if (::access(command_.front().c_str(), X_OK) != 0) {
    return base::fail(app_errc::server_not_started);
  }
  const pid_t process = ::fork();
  if (process == 0) {
    become_server();
  }
  if (process < 0) {
    return base::fail(app_errc::server_not_started);
  }
  process_ = process;
  started_at_ = base::real_clock().steady_now();
  const int handle = open_handle(process);
  if (handle < 0) {
    signal(SIGKILL);
    reap();
    return base::fail(app_errc::server_not_started);
  }
  handle_.emplace(runs_on_, handle);
  return {};
}

void server_child::signal(int number) const noexcept {
  if (is_running()) {
    ::kill(process_, number);
  }
}

int server_child::reap() noexcept {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : exit_by_signal + WTERMSIG(status);
}

net::task<int> server_child::wait(base::steady_time deadline) {
  if (is_running()) {
    HTTVPS_CO_CHECK(co_await net::with_deadline(wait_readable(&*handle_), deadline));
    const int code = reap();
    handle_.reset();
    co_return code;
  }
  co_return 0;
}

}
