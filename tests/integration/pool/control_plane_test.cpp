#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "pool/support/outline_world.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds promised{60};

class OutlinePool : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { outline_world::prepare(); }

  std::string assign(const gateway_identity& who, const enrolled_device& device) const {
    return pool.assign(who, device, "us");
  }

  bool accepts(const std::string& secret) const { return is_accepted(pool.use_of(secret)); }

  milliseconds time_until_refused(const std::string& secret, clock::time_point since) const {
    while (accepts(secret) && clock::now() - since < promised) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return std::chrono::duration_cast<milliseconds>(clock::now() - since);
  }

  void report(const char* what, milliseconds took) {
    std::printf("%s: %ld ms\n", what, static_cast<long>(took.count()));
    RecordProperty(what, std::to_string(took.count()));
    EXPECT_LT(took, promised);
  }

  outline_world pool;
  walk& world = pool.backend;
  const std::string& node = pool.node;
  gateway_identity gateway = world.join("gate");
  gateway_identity other = world.join("other");
};

TEST_F(OutlinePool, ARotatedNodeRefusesTheOldKeysWithinAMinuteOfTheCall) {
  const auto device = world.enrol(gateway);
  const auto old = assign(gateway, device);
  ASSERT_TRUE(accepts(old));
  const auto called = clock::now();
  const auto rotated = world.admin_post("/nodes/" + node + ":rotate-keys", {});
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  report("rotation call to first refused use", time_until_refused(old, called));
  const auto fresh = assign(gateway, device);
  EXPECT_NE(fresh, old);
  EXPECT_TRUE(accepts(fresh));
  for (int use = 0; use < 20; ++use) {
    EXPECT_FALSE(accepts(old));
  }
}

TEST_F(OutlinePool, ARotatedGatewayLeavesTheKeysOfOthersAlone) {
  const auto device = world.enrol(gateway);
  const auto second = world.enrol(other);
  const auto old = assign(gateway, device);
  const auto untouched = assign(other, second);
  const auto called = clock::now();
  ASSERT_EQ(world.admin_post("/gateways/" + gateway.id + ":rotate-keys", {}).status, 200);
  report("gateway rotation call to first refused use", time_until_refused(old, called));
  EXPECT_TRUE(accepts(untouched));
  EXPECT_TRUE(accepts(assign(gateway, device)));
}

TEST_F(OutlinePool, AQuarantinedGatewayIsCutOffInOneCall) {
  const auto device = world.enrol(gateway);
  const auto second = world.enrol(other);
  const auto old = assign(gateway, device);
  const auto untouched = assign(other, second);
  const auto called = clock::now();
  ASSERT_EQ(world.admin_post("/gateways/" + gateway.id + ":quarantine", {}).status, 200);
  EXPECT_EQ(pool.try_assign(gateway, device, "us").text("code"), "gateway_disabled");
  const auto validated =
      world.as_gateway(gateway, "/api/v1/auth/validate-device",
                       {{"token", device.token}, {"session", "00000000000000aa"}});
  EXPECT_EQ(validated.status, 403);
  report("quarantine call to first refused use", time_until_refused(old, called));
  EXPECT_TRUE(accepts(untouched));
  ASSERT_EQ(world.admin_post("/gateways/" + gateway.id + ":release", {}).status, 200);
  EXPECT_TRUE(accepts(assign(gateway, device)));
}

TEST_F(OutlinePool, TheListShowsTheRevisionThatRuns) {
  assign(gateway, world.enrol(gateway));
  const auto end = clock::now() + seconds(20);
  auto ring = pool.keyring();
  while (ring.at("wanted_revision") != ring.at("running_revision") && clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(20));
    ring = pool.keyring();
  }
  EXPECT_EQ(text_at(ring, "rollout"), "running");
  EXPECT_EQ(text_at(ring, "source"), "agent");
  EXPECT_EQ(ring.at("wanted_revision"), ring.at("running_revision"));
}

TEST_F(OutlinePool, NoSecretOfAKeyIsWrittenAnywhere) {
  const auto secret = assign(gateway, world.enrol(gateway));
  ASSERT_EQ(world.admin_post("/nodes/" + node + ":rotate-keys", {}).status, 200);
  EXPECT_EQ(world.folder.everything_written().find(secret), std::string::npos);
  EXPECT_EQ(pool.agent_output().find(secret), std::string::npos);
}

}
}
