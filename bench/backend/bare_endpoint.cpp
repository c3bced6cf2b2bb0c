#include "backend/bare_endpoint.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "common/descriptor.hpp"

namespace httvps::bench {
namespace {

std::string first_line_of(const descriptor& from) {
  std::string line;
  for (char letter = 0; ::read(from.get(), &letter, 1) == 1 && letter != '\n';) {
    line.push_back(letter);
  }
  return line;
}

}

bare_endpoint::bare_endpoint(const std::string& program, const std::string& database) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe for " + program);
  }
  const descriptor reading(ends[0]);
  descriptor writing(ends[1]);
  std::string setting = "BENCH_DSN=" + database;
  std::string name = program;
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  const std::array<char*, 2> variables = {setting.data(), nullptr};
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(writing.get(), STDOUT_FILENO);
    ::execve(program.c_str(), arguments.data(), variables.data());
    ::_exit(127);
  }
  writing.close();
  address_ = first_line_of(reading);
  if (address_.empty()) {
    throw std::runtime_error(program + " does not start");
  }
}

bare_endpoint::~bare_endpoint() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

}
