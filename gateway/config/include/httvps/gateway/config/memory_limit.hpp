#pragma once

#include <string>

#include "httvps/base/bytes.hpp"

namespace httvps::gateway {

struct memory_view {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

base::byte_count memory_limit(const memory_view& host);

}
