#include <gtest/gtest.h>

#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr int arrivals = 24;

struct BackendAway : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "4"}}}};
  tcp_origin origin{echo_until_end};

  bool is_served(const test_device& device) const {
    const auto opened = world.connect(device);
    if (!opened->wait_until_open()) {
      return false;
    }
    const auto stream = opened->open(loopback_target(origin.port()), pattern(1000));
    return opened->wait([&] { return opened->view(stream).received.size() == 1000; });
  }

  wire::errc refusal_of(const test_device& device) const {
    const auto refused = world.connect(device);
    EXPECT_TRUE(refused->wait_until_over());
    return refused->refused() ? refused->refused()->code : wire::errc{};
  }
};

TEST_F(BackendAway, KnownDeviceIsServedByEveryWorkerAndAnUnknownOneByNone) {
  ASSERT_TRUE(is_served(world.device));
  world.backend.go_down();
  for (int arrival = 0; arrival < arrivals; ++arrival) {
    EXPECT_TRUE(is_served(world.device)) << arrival;
  }
  for (int arrival = 0; arrival < arrivals / 3; ++arrival) {
    EXPECT_EQ(refusal_of(make_device("dev_unknown")), wire::errc::backend_unavailable);
  }
}

TEST_F(BackendAway, DenialIsRememberedByEveryWorker) {
  ASSERT_TRUE(is_served(world.device));
  world.backend.change([](backend_script& plan) {
    plan.denied_code = "subscription_expired";
    plan.denied_sentence = "The subscription is over.";
  });
  EXPECT_EQ(refusal_of(world.device), wire::errc::subscription_expired);
  world.backend.go_down();
  for (int arrival = 0; arrival < arrivals / 3; ++arrival) {
    EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable);
  }
}

TEST_F(BackendAway, DevicesOfAllWorkersAreCountedOnce) {
  for (int number = 0; number < 6; ++number) {
    const auto device = make_device("dev_" + std::to_string(number));
    for (int visit = 0; visit < 3; ++visit) {
      ASSERT_TRUE(world.connect(device)->wait_until_open());
    }
  }
  EXPECT_EQ(world.gateway.metric("httvps_gateway_validated_devices"), 6);
}

}
}
