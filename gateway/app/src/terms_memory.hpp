#pragma once

#include <cstdint>
#include <optional>

#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/sessions/session_keeper.hpp"

namespace httvps::gateway {

class terms_memory {
 public:
  std::optional<recheck_order> take(const heartbeat_answer& heard);

 private:
  std::optional<std::uint64_t> version_;
};

}
