#pragma once

#include <cstdint>
#include <string>

namespace httvps::gateway {

struct published_policy {
  std::uint64_t version = 0;
  std::string document = {};

  bool operator==(const published_policy&) const = default;
};

}
