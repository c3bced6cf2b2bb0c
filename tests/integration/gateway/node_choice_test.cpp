#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

bool told_of(const backend_record& record, std::string_view text) {
  return std::ranges::any_of(record.outcomes, [&](const std::string& body) {
    return body.find(text) != std::string::npos;
  });
}

TEST(NodeChoice, ASessionAvoidsANodeThatFailsItsCanary) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "1"}}}};
  world.backend.change([&](backend_script& script) {
    script.reserve_url = script.access_url;
    script.access_url = world.node_url(free_port());
  });
  const auto first = world.connect(world.device);
  ASSERT_TRUE(first->wait_until_open());
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) {
        return told_of(record, R"({"node_id":"node_test","succeeded":0,"failed":1)") &&
               told_of(record, R"({"node_id":"node_reserve","succeeded":1)");
      },
      std::chrono::seconds(30)));
  const tcp_origin origin(echo_until_end);
  const auto body = pattern(1000);
  const auto second = world.connect(make_device("dev_second"));
  ASSERT_TRUE(second->wait_until_open());
  const auto stream = second->open(loopback_target(origin.port()), body);
  EXPECT_TRUE(second->wait([&] { return second->view(stream).received == body; }));
}

base::byte_count reported_for(const backend_record& record, std::string_view node_id) {
  std::map<std::uint64_t, base::byte_count> most;
  for (const auto& each : answered(record)) {
    for (const auto& line : each.lines) {
      if (line.node_id == node_id) {
        most[line.session] = std::max(most[line.session], line.up + line.down);
      }
    }
  }
  base::byte_count sum = 0;
  for (const auto& [session, bytes] : most) {
    sum += bytes;
  }
  return sum;
}

TEST(NodeChoice, StreamsOfARunningSessionTakeTheSecondNodeWhenTheFirstIsGone) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "1"}}}};
  world.backend.change([&](backend_script& script) {
    script.reserve_url = script.access_url;
    script.access_url = world.node_url(free_port());
  });
  const tcp_origin origin(echo_until_end);
  const auto body = pattern(1000);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  for (int i = 0; i < 3; ++i) {
    const auto stream = device->open(loopback_target(origin.port()), body);
    EXPECT_TRUE(device->wait([&] { return device->view(stream).received == body; }));
  }
  EXPECT_TRUE(world.backend.wait_for([&](const backend_record& record) {
    return reported_for(record, "node_reserve") == 3 * 2 * body.size();
  }));
  EXPECT_EQ(reported_for(world.backend.record(), "node_test"), 0U);
}

}
}
