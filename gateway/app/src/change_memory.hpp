#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/gateway/sessions/session_keeper.hpp"

namespace httvps::gateway {

class change_memory {
 public:
  std::optional<recheck_order> take(std::uint64_t version, const std::vector<std::string>& changed);

 private:
  std::optional<std::uint64_t> version_;
};

}
