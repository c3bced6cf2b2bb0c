#include "node/support/programs.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace httvps::testing {
namespace {

constexpr auto look_again = std::chrono::milliseconds(5);
constexpr unsigned first_other_descriptor = 3;

std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (auto& line : lines) {
    pointers.push_back(line.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}

void install_outline_server() {
  if (std::system("tools/install_outline_server") != 0) {
    throw std::runtime_error("tools/install_outline_server failed");
  }
}

running_program::running_program(program chosen) : chosen_(std::move(chosen)) {
  process_ = fork();
  if (process_ == 0) {
    become();
  }
}

running_program::~running_program() {
  if (!exit_code_) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

void running_program::become() const {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  const int output = open(chosen_.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(output, 1);
  dup2(output, 2);
  close_range(first_other_descriptor, ~0U, 0);
  std::vector<std::string> lines;
  for (const auto& [name, value] : chosen_.environment) {
    lines.push_back(name + "=" + value);
  }
  auto words = chosen_.words;
  const auto environment = pointers_to(lines);
  const auto arguments = pointers_to(words);
  execve(arguments.front(), arguments.data(), environment.data());
  _exit(127);
}

void running_program::signal(int number) const {
  kill(process_, number);
}

std::optional<int> running_program::wait_for_exit(std::chrono::milliseconds limit) {
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

std::vector<pid_t> children_of(pid_t process) {
  const auto number = std::to_string(process);
  std::istringstream text(content_of("/proc/" + number + "/task/" + number + "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; text >> child;) {
    children.push_back(child);
  }
  return children;
}

std::string words_of(pid_t process) {
  return content_of("/proc/" + std::to_string(process) + "/cmdline") +
         content_of("/proc/" + std::to_string(process) + "/environ");
}

bool is_alive(pid_t process) {
  const auto status = content_of("/proc/" + std::to_string(process) + "/stat");
  const auto names_end = status.rfind(')');
  return names_end != std::string::npos && status.substr(names_end + 2, 1) != "Z";
}

}
