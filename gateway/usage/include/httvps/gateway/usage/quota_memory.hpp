#pragma once

#include <cstddef>
#include <string>

#include "httvps/base/bytes.hpp"

namespace httvps::gateway {

inline constexpr std::size_t remembered_quotas_most = 100'000;

struct quota_memory {
  std::string subscription;
  base::byte_count remaining = 0;
  base::byte_count offline_used = 0;

  bool operator==(const quota_memory&) const = default;
};

}
