#include <gtest/gtest.h>

#include "gateway/support/gateway_world.hpp"

namespace httvps::testing {
namespace {

class PublishedPolicy : public ::testing::Test {
 protected:
  void publish(const std::string& document) {
    world.backend.change([&](backend_script& script) {
      script.policy = document;
      ++script.revocation_version;
    });
  }
  bool hears(tunnel& device, std::uint64_t version) {
    return device.wait(
        [&] { return !device.policies().empty() && device.policies().back().version == version; });
  }
  std::unique_ptr<tunnel> connected() const {
    auto device = world.connect(world.device);
    EXPECT_TRUE(device->wait_until_open());
    return device;
  }

  gateway_world world;
};

TEST_F(PublishedPolicy, ReachesRunningAndNewSessionsAsTheBackendSignedIt) {
  const auto running = connected();
  EXPECT_TRUE(running->policies().empty());
  const auto first = world.keys.policy(3);
  publish(first);
  ASSERT_TRUE(hears(*running, 3));
  EXPECT_EQ(running->policies().back().document, first);
  const auto fresh = connected();
  ASSERT_TRUE(hears(*fresh, 3));
  publish(world.keys.policy(4));
  ASSERT_TRUE(hears(*running, 4));
  ASSERT_TRUE(hears(*fresh, 4));
}

TEST_F(PublishedPolicy, IsSaidAgainOnTheNextCarrierOfASession) {
  publish(world.keys.policy(3));
  const auto device = connected();
  ASSERT_TRUE(hears(*device, 3));
  const auto before = device->policies().size();
  device->cut();
  device->go_on(access_knock(world.keys.token_for(world.device), world.device));
  ASSERT_TRUE(device->wait([&] { return device->policies().size() > before; }));
  EXPECT_EQ(device->policies().back().version, 3U);
}

TEST_F(PublishedPolicy, OfALowerVersionOrAnotherKeyIsNotPassedOn) {
  publish(world.keys.policy(3));
  const auto device = connected();
  ASSERT_TRUE(hears(*device, 3));
  publish(world.keys.policy(2));
  ASSERT_TRUE(world.gateway.wait_for_log("policy_rollback"));
  publish(deployment().policy(9));
  ASSERT_TRUE(world.gateway.wait_for_log("unknown_key"));
  const auto fresh = connected();
  ASSERT_TRUE(hears(*fresh, 3));
  EXPECT_EQ(device->policies().back().version, 3U);
}

TEST_F(PublishedPolicy, OutlivesARestartWithoutTheBackend) {
  publish(world.keys.policy(3));
  ASSERT_TRUE(hears(*connected(), 3));
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  world.backend.behave(backend_call::config, conduct::fail);
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(hears(*connected(), 3));
}

}
}
