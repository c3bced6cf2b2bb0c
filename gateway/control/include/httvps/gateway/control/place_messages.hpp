#pragma once

#include <string>
#include <vector>

namespace httvps::gateway {

struct gateway_place {
  std::string region;
  std::string host;
  std::vector<std::string> addresses;
  std::vector<std::string> pins;

  bool operator==(const gateway_place&) const = default;
};

std::string encode_place(const gateway_place& place);

}
