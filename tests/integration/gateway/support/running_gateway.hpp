#pragma once

#include <gtest/gtest.h>

#include "gateway/support/gateway_world.hpp"
#include "httvps/base/clock.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

struct RunningGateway : ::testing::Test {
  base::steady_time begun = base::real_clock().steady_now();
  gateway_world world;
  tcp_origin origin{echo_until_end};

  bool echoes(tunnel& device, wire::stream_id stream, std::size_t least) const {
    return device.wait([&] { return device.view(stream).received.size() >= least; });
  }
};

}
