#include "httvps/base/failpoint.hpp"

#ifdef HTTVPS_FAILPOINTS

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace httvps::base {
namespace {

struct instruction {
  std::string action;
  std::chrono::milliseconds wait{0};
};

std::optional<instruction> instruction_for(std::string_view name) {
  const char* path = std::getenv(failpoints_variable);
  if (path == nullptr) {
    return std::nullopt;
  }
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string point;
    instruction told;
    std::int64_t milliseconds = 0;
    words >> point >> told.action >> milliseconds;
    if (point == name) {
      told.wait = std::chrono::milliseconds(milliseconds);
      return told;
    }
  }
  return std::nullopt;
}

}

bool has_failpoints() noexcept {
  return true;
}

failpoint_outcome reach_failpoint(std::string_view name) {
  const auto told = instruction_for(name);
  if (!told) {
    return failpoint_outcome::pass;
  }
  if (told->action == "kill") {
    ::kill(::getpid(), SIGKILL);
  }
  if (told->wait.count() > 0) {
    std::this_thread::sleep_for(told->wait);
  }
  return told->action == "drop" ? failpoint_outcome::drop : failpoint_outcome::pass;
}

}

#else

namespace httvps::base {

bool has_failpoints() noexcept {
  return false;
}

failpoint_outcome reach_failpoint(std::string_view) {
  return failpoint_outcome::pass;
}

}

#endif
