#include <gtest/gtest.h>

#include <algorithm>

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

}
}
