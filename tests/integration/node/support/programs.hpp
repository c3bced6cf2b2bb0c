#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "temporary_folder.hpp"

namespace httvps::testing {

inline constexpr const char* outline_server_program = "build/tools/outline-ss-server";

void install_outline_server();

struct program {
  std::vector<std::string> words;
  std::map<std::string, std::string> environment = {};
  std::string output;
};

class running_program {
 public:
  explicit running_program(program chosen);
  running_program(const running_program&) = delete;
  running_program& operator=(const running_program&) = delete;
  ~running_program();

  pid_t process() const noexcept { return process_; }
  void signal(int number) const;
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit);
  std::string output() const { return content_of(chosen_.output); }

 private:
  [[noreturn]] void become() const;

  program chosen_;
  pid_t process_ = -1;
  std::optional<int> exit_code_;
};

std::vector<pid_t> children_of(pid_t process);
std::string words_of(pid_t process);
bool is_alive(pid_t process);

}
