#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/usage.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

struct accepted_line {
  std::uint64_t session = 0;
  models::node_id node;
  models::traffic counted;
  std::optional<models::device_id> holder = {};
  bool is_final = false;

  bool operator==(const accepted_line&) const = default;
};

std::string encode_lines(const std::vector<accepted_line>& lines);
base::result<std::vector<accepted_line>> decode_lines(std::string_view text);

}
