#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

inline constexpr std::size_t successors_devices_most = 500;

struct device_successors {
  std::string device_id;
  std::vector<std::string> gateways;
};

std::string encode_successors(const std::vector<std::string>& devices);
base::result<std::vector<device_successors>> decode_successors(std::string_view body);

}
