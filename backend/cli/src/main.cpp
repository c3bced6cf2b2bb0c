#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "httvps/base/core_dump.hpp"
#include "program.hpp"

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(S_IRWXG | S_IRWXO);
  httvps::base::forbid_core_dumps_or_warn("httvpsctl");
  try {
    return httvps::ctl::run_program(count, words);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "httvpsctl: %s\n", failure.what());
    return 1;
  }
}
