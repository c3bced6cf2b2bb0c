#include <gtest/gtest.h>

#include <sstream>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

bool echoes(tunnel& device, std::uint16_t port, std::size_t count) {
  const auto body = pattern(count);
  const auto stream = device.open(loopback_target(port), body);
  return device.wait([&] { return device.view(stream).received.size() >= count; }) &&
         device.view(stream).received == body;
}

bool is_greeted(tunnel& device, std::uint16_t port, std::size_t count) {
  const auto stream = device.open(loopback_target(port), pattern(count));
  return device.wait([&] { return device.view(stream).received.size() == count + greeting_size; });
}

TEST(FullDisk, RelayGoesOnAndLostLogLinesAreCounted) {
  const gateway_world world{{.environment = {{"GATEWAY_LOG_FILE", "/dev/full"}}}};
  const tcp_origin origin(echo_until_end);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_TRUE(echoes(*device, origin.port(), 100'000));
  const auto lost = world.gateway.metric("httvps_gateway_log_lines_dropped");
  EXPECT_GE(lost, 1);
  EXPECT_TRUE(world.connect(make_device("dev_second"))->wait_until_open());
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_log_lines_dropped", lost + 1));
  EXPECT_TRUE(echoes(*device, origin.port(), 3'000'000));
}

TEST(FullDisk, LogThatMayGrowNoMoreDoesNotStopTheGateway) {
  gateway_world world{{.environment = {{"GATEWAY_LOG_LEVEL", "debug"}}, .file_size_limit = 4096}};
  const tcp_origin origin(echo_until_end);
  for (int i = 0; i < 40; ++i) {
    const auto device = world.connect(make_device("dev_" + std::to_string(i)));
    ASSERT_TRUE(device->wait_until_open());
    EXPECT_TRUE(echoes(*device, origin.port(), 10));
  }
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_log_lines_dropped", 1));
  EXPECT_LE(world.gateway.log().size(), 4096U);
  EXPECT_TRUE(world.gateway.is_running());
}

struct DiskThatFillsLater : ::testing::Test {
  gateway_world world;
  const tcp_origin origin{echo_until_end};

  bool is_served() const {
    const auto device = world.connect(world.device);
    return device->wait_until_open() && echoes(*device, origin.port(), 10'000);
  }

  bool is_served_after_a_while() const {
    bool served = false;
    for (int attempt = 0; attempt < 200 && !served; ++attempt) {
      served = is_served();
    }
    return served;
  }

  double lost() const { return world.gateway.metric("httvps_gateway_log_lines_dropped"); }
};

TEST_F(DiskThatFillsLater, GatewayGoesOnAndLogsAgainOnceThereIsRoom) {
  ASSERT_TRUE(is_served());
  EXPECT_EQ(lost(), 0);
  world.gateway.fill_disk();
  EXPECT_TRUE(is_served());
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_log_lines_dropped", 1));
  world.gateway.free_disk();
  const auto before = world.gateway.log().size();
  ASSERT_TRUE(is_served());
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(std::chrono::seconds(15)), 0);
  std::istringstream lines(world.gateway.log().substr(before));
  std::size_t whole = 0;
  for (std::string line; std::getline(lines, line); ++whole) {
    EXPECT_TRUE(line.starts_with("{\"time\":") && line.ends_with("}")) << line;
  }
  EXPECT_GE(whole, 2U);
}

TEST_F(DiskThatFillsLater, NewKeysAreLearntAndTheOldMembershipStays) {
  world.gateway.fill_disk();
  world.backend.with_keys([](deployment& keys) { keys.rotate(); });
  EXPECT_TRUE(is_served_after_a_while());
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(std::chrono::seconds(15)), 0);
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
  EXPECT_TRUE(is_served_after_a_while());
}

TEST(FullDisk, GatewayThatCannotKeepItsMembershipSaysSo) {
  const net::testing::test_certificate certificate("localhost");
  deployment keys;
  const scripted_backend backend(keys);
  gateway_process gateway({.environment = {{"GATEWAY_BACKEND_URL", backend.url()},
                                           {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                                           {"GATEWAY_TLS_KEY", certificate.key_file()},
                                           {"GATEWAY_LOG_FILE", "/dev/full"},
                                           {"BACKEND_GATEWAY_SECRET", "join secret"}},
                           .file_size_limit = 128});
  EXPECT_EQ(gateway.wait_for_exit(std::chrono::seconds(15)), 1);
  EXPECT_NE(gateway.standard_error().find("The gateway stopped: "), std::string::npos);
}

struct FullUsageMemory : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_USAGE_MEMORY", "16384"}}}};
  const counting_origin counted;
  std::size_t served = 0;

  std::optional<wire::session_refused> serve_until_refused() {
    for (; served < 200; ++served) {
      const auto device = world.connect(make_device("dev_" + std::to_string(served)));
      EXPECT_TRUE(device->wait([&] { return device->is_open() || device->refused(); }));
      if (device->refused()) {
        return device->refused();
      }
      EXPECT_TRUE(is_greeted(*device, counted.port(), 1000));
    }
    return std::nullopt;
  }
};

TEST_F(FullUsageMemory, RefusesNewSessionsAndServesThePresentOnes) {
  world.backend.behave(backend_call::usage, conduct::fail);
  world.gateway.fill_disk();
  const auto before = world.connect(make_device("dev_before"));
  ASSERT_TRUE(before->wait_until_open());
  const auto refused = serve_until_refused();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, wire::errc::usage_backlog_full);
  EXPECT_FALSE(refused->sentence.empty());
  EXPECT_GT(served, 10U);
  EXPECT_TRUE(is_greeted(*before, counted.port(), 100'000));
}

TEST_F(FullUsageMemory, IsReportedOnceAndTakesSessionsAgainWhenTheBackendIsBack) {
  world.backend.behave(backend_call::usage, conduct::drop);
  world.gateway.fill_disk();
  ASSERT_TRUE(serve_until_refused());
  world.backend.behave(backend_call::usage, conduct::answer);
  EXPECT_TRUE(world.backend.wait_for([this](const backend_record& record) {
    return answered_totals(record) == counted.totals();
  }));
  std::map<std::uint64_t, std::string> bodies;
  for (const auto& each : world.backend.record().usage) {
    EXPECT_EQ(bodies.try_emplace(each.sequence, each.body).first->second, each.body);
  }
  bool open = false;
  for (int attempt = 0; attempt < 200 && !open; ++attempt) {
    open = world.connect(make_device("dev_after"))->wait_until_open();
  }
  EXPECT_TRUE(open);
}

}
}
