#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "gateway/support/raw_carrier.hpp"
#include "gateway/support/running_gateway.hpp"
#include "gateway/support/secure_client.hpp"

namespace httvps::testing {
namespace {

TEST_F(RunningGateway, StopsAtOnceWhenNothingIsOpen) {
  world.gateway.terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(2500)), 0);
}

TEST_F(RunningGateway, LetsARunningStreamFinishWhenItStops) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::gateway_draining);
  device->write(stream, pattern(1'000'000));
  EXPECT_TRUE(echoes(*device, stream, 1'000'010));
  EXPECT_TRUE(world.gateway.is_running());
  device->close();
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(2500)), 0);
  EXPECT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return !record.usage.empty() && record.usage.back().lines.at(0).up == 1'000'010;
  }));
}

TEST_F(RunningGateway, EndsStreamsThatOutlastTheDrainTime) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  EXPECT_TRUE(device->wait_until_over());
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  EXPECT_TRUE(device->view(stream).is_over());
}

TEST_F(RunningGateway, TakesNoNewSessionWhileItDrains) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_FALSE(world.connect(make_device("dev_second"))->wait_until_open());
  EXPECT_EQ(fetch_plain(world.gateway.metrics_port(), "/readyz").status, 503);
}

TEST_F(RunningGateway, RefusesACarrierThatGreetsWhileItDrains) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  raw_carrier late(world.as_device(make_device("dev_late")));
  ASSERT_TRUE(late.is_upgraded());
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  ASSERT_TRUE(late.send_message(encode_hello({})));
  const auto end = late.read_until_end();
  ASSERT_TRUE(end.refusal);
  EXPECT_EQ(end.refusal->code, wire::to_wire(wire::errc::gateway_draining));
}

TEST_F(RunningGateway, ReportsTheLastUsageAfterLostAnswers) {
  world.backend.behave(backend_call::usage, conduct::drop);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  ASSERT_TRUE(
      world.backend.wait_for([](const backend_record& record) { return !record.usage.empty(); }));
  device->write(stream, pattern(500));
  ASSERT_TRUE(echoes(*device, stream, 510));
  device->close();
  world.gateway.terminate();
  world.backend.behave(backend_call::usage, conduct::answer);
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  const auto record = world.backend.record();
  EXPECT_TRUE(record.usage.back().answered);
  EXPECT_EQ(record.usage.back().lines.at(0).up, 510U);
  std::map<std::uint64_t, std::string> bodies;
  for (const auto& each : record.usage) {
    const auto [known, fresh] = bodies.try_emplace(each.sequence, each.body);
    EXPECT_EQ(known->second, each.body);
  }
  EXPECT_EQ(bodies.size(), 2U);
}

TEST_F(RunningGateway, StopsInTimeWhenTheBackendIsGone) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.backend.go_down();
  device->close();
  world.gateway.terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
}

TEST(DrainOnSeveralThreads, TakesTheDrainTimeOnceAndNotOnceAThread) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "4"}, {"GATEWAY_DRAIN", "1500"}}}};
  const tcp_origin origin(echo_until_end);
  std::vector<std::unique_ptr<tunnel>> devices;
  for (int i = 0; i < 16; ++i) {
    devices.push_back(world.connect(make_device("dev_" + std::to_string(i))));
    auto& device = *devices.back();
    ASSERT_TRUE(device.wait_until_open());
    const auto stream = device.open(loopback_target(origin.port()), pattern(10));
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() == 10; }));
  }
  world.gateway.terminate();
  for (const auto& device : devices) {
    EXPECT_TRUE(device->wait([&] { return device->farewell().has_value(); },
                             std::chrono::milliseconds(1200)));
  }
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(4500)), 0);
}

}
}
