#pragma once

#include "rig.hpp"

namespace httvps::sdk::testing {

using tunnel_condition = bool (*)(const rig&, const tunnel_status&);

template <typename T>
base::error failure_of(const base::result<T>& outcome) {
  return outcome ? base::error() : outcome.error();
}

void play(rig& with, tunnel_script script);
base::result<tunnel_stream> counted_stream(tunnel* through);
net::asio::awaitable<void> wait_for(rig* with, tunnel_condition holds, tunnel* through);

}
