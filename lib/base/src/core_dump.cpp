#include "httvps/base/core_dump.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace httvps::base {
namespace {

constexpr const char* dump_filter = "/proc/self/coredump_filter";
constexpr rlimit no_core{.rlim_cur = 0, .rlim_max = 0};

bool leave_all_memory_out() {
  std::ofstream filter(dump_filter);
  filter << "0\n" << std::flush;
  return filter.good();
}

bool is_all_memory_left_out() {
  std::ifstream filter(dump_filter);
  std::string kinds;
  return filter >> kinds && kinds.find_first_not_of('0') == std::string::npos;
}

}

result<> forbid_core_dumps() {
  const bool is_limited = ::setrlimit(RLIMIT_CORE, &no_core) == 0;
  return leave_all_memory_out() && is_limited ? result<>() : fail(errc::io_failure);
}

bool are_core_dumps_forbidden() {
  rlimit present{};
  return ::getrlimit(RLIMIT_CORE, &present) == 0 && present.rlim_cur == 0 &&
         present.rlim_max == 0 && is_all_memory_left_out();
}

void forbid_core_dumps_or_warn(const char* program) {
  if (!forbid_core_dumps()) {
    std::fprintf(stderr,
                 "%s: core dumps cannot be turned off (is /proc mounted?): a crash may write keys "
                 "to the disk.\n",
                 program);
  }
}

}
