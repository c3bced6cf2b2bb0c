#include "machine_load.hpp"

#include <sys/sysinfo.h>

#include <algorithm>

namespace httvps::node {

machine_load read_machine_load() {
  struct sysinfo facts{};
  if (::sysinfo(&facts) != 0) {
    return {};
  }
  constexpr double fixed_point = 65536.0;
  const auto cores = static_cast<double>(std::max(1, ::get_nprocs()));
  const auto total = static_cast<double>(facts.totalram);
  const auto free = static_cast<double>(facts.freeram + facts.bufferram);
  return {.cpu = std::min(1.0, static_cast<double>(facts.loads[0]) / fixed_point / cores),
          .memory = total > 0 ? 1.0 - free / total : 0.0};
}

}
