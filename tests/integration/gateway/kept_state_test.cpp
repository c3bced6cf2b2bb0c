#include "gateway/support/kept_state.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace httvps::testing {
namespace {

constexpr int arrivals = 16;

TEST_F(KeptState, KilledGatewayServesKnownDevicesOnEveryWorkerAndNoOthers) {
  serve_once_and_keep();
  start_killed_without_backend();
  for (int arrival = 0; arrival < arrivals; ++arrival) {
    EXPECT_TRUE(is_served(world.device)) << arrival;
  }
  EXPECT_TRUE(is_served(second));
  EXPECT_EQ(refusal_of(make_device("dev_unknown")), wire::errc::backend_unavailable);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_state_restored_devices"), 2);
  EXPECT_TRUE(world.gateway.wait_for_log("state_restored"));
}

TEST_F(KeptState, StoppedGatewayKeepsWhatItLearntLast) {
  ASSERT_TRUE(is_served(world.device));
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(std::chrono::seconds(15)), 0);
  world.backend.go_down();
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(is_served(world.device));
}

TEST_F(KeptState, RevokedAndSuspendedDevicesStaySoAfterAStartWithoutBackend) {
  serve_once_and_keep();
  const auto third = make_device("dev_third");
  ASSERT_TRUE(is_served(third));
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 7;
    plan.revoked_devices = {"dev_second", "dev_third"};
    plan.suspended_devices["dev_third"] = "user_suspended";
  });
  ASSERT_TRUE(wait_until_kept(
      [](const gateway_state& state) { return state.config->revocation_version == 7; }));
  start_killed_without_backend();
  EXPECT_TRUE(is_served(world.device));
  EXPECT_FALSE(is_served(second));
  EXPECT_EQ(refusal_of(third), wire::errc::access_suspended);
}

TEST_F(KeptState, RevocationThatTheStateDoesNotHoldYetMakesItRolledBack) {
  serve_once_and_keep();
  const auto before = content_of(path());
  const auto mark = content_of(world.gateway.state_folder() + "/state.mark");
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_second"};
  });
  ASSERT_TRUE(wait_until_kept(
      [](const gateway_state& state) { return state.config->revocation_version == 1; }));
  world.backend.go_down();
  world.gateway.kill_at_once();
  std::ofstream(path(), std::ios::binary | std::ios::trunc) << before;
  std::ofstream(world.gateway.state_folder() + "/state.mark", std::ios::trunc) << mark;
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(world.gateway.wait_for_log("state_rolled_back"));
  EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable);
}

TEST_F(KeptState, EachKindOfBadFileIsNamedAndServesNobodyUntilTheBackendIsBack) {
  serve_once_and_keep();
  const auto earlier = content_of(path());
  ASSERT_TRUE(is_served(make_device("dev_later")));
  ASSERT_TRUE(
      wait_until_kept([](const gateway_state& state) { return knows(state, "dev_later"); }));
  start_killed_without_backend();
  world.gateway.kill_at_once();
  const auto good = content_of(path());
  auto foreign = good;
  foreign.replace(foreign.find("gw_test"), 7, "gw_best");
  auto changed = good;
  changed[good.size() / 2] = static_cast<char>(changed[good.size() / 2] ^ 1);
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"state_damaged", changed},
      {"state_damaged", good.substr(0, good.size() / 2)},
      {"state_of_another_format", "{}"},
      {"state_foreign", foreign},
      {"state_rolled_back", earlier}};
  for (const auto& [label, bytes] : kinds) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
    std::filesystem::resize_file(world.gateway.state_folder() + "/../log", 0);
    world.gateway.start_again();
    ASSERT_TRUE(world.gateway.wait_until_ready());
    EXPECT_TRUE(world.gateway.wait_for_log("\"state_refused\"")) << label;
    EXPECT_TRUE(world.gateway.wait_for_log(label)) << label;
    EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable) << label;
    world.gateway.kill_at_once();
  }
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  world.backend.come_back();
  EXPECT_TRUE(is_served(world.device));
  EXPECT_TRUE(
      wait_until_kept([](const gateway_state& state) { return knows(state, "dev_first"); }));
}

TEST_F(KeptState, IsReplacedByWhatTheBackendSaysWhenItIsBack) {
  serve_once_and_keep();
  start_killed_without_backend();
  ASSERT_TRUE(is_served(world.device));
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 2;
    plan.revoked_devices = {"dev_first"};
  });
  world.backend.come_back();
  ASSERT_TRUE(wait_until_kept(
      [](const gateway_state& state) { return state.config->revocation_version == 2; }));
  EXPECT_FALSE(is_served(world.device));
  EXPECT_TRUE(is_served(second));
}

TEST_F(KeptState, GatewayThatIsNotApprovedServesNobodyFromIt) {
  serve_once_and_keep();
  world.backend.change([](backend_script& plan) {
    plan.state = "pending";
    plan.revocation_version = 1;
  });
  ASSERT_TRUE(wait_until_kept([](const gateway_state& state) { return !state.approved; }));
  start_killed_without_backend();
  EXPECT_TRUE(world.gateway.wait_for_log("state_withheld"));
  EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable);
}

}
}
