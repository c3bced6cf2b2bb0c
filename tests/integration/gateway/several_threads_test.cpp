#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

TEST(AdmissionOnSeveralThreads, CarrierNumberInUseIsRefusedOnEachThread) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "3"}}}};
  const auto first = world.connect(world.device);
  ASSERT_TRUE(first->wait_until_open());
  for (int i = 0; i < 12; ++i) {
    auto again = world.as_device(world.device);
    again.id = first->id();
    tunnel second(again);
    ASSERT_TRUE(second.wait([&] { return second.refused().has_value() || second.is_open(); }));
    ASSERT_TRUE(second.refused());
    EXPECT_EQ(second.refused()->code, wire::errc::carrier_number_reused);
  }
  EXPECT_FALSE(first->is_over());
}

TEST(AdmissionOnSeveralThreads, SessionLimitHoldsOverAllOfThem) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "3"}}}};
  world.backend.change([](backend_script& script) { script.session_limit = 2; });
  std::vector<std::unique_ptr<tunnel>> sessions;
  for (int i = 0; i < 12; ++i) {
    sessions.push_back(world.connect(world.device));
    ASSERT_TRUE(sessions.back()->wait_until_open());
  }
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(sessions[i]->wait_until_over());
  }
  EXPECT_FALSE(sessions[10]->is_over());
  EXPECT_FALSE(sessions[11]->is_over());
}

struct CarriersOnSeveralThreads : ::testing::Test {
  static constexpr int further_carriers = 12;
  const std::string handed_over = "httvps_gateway_carriers_handed_over_total";
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "3"}}}};
  tcp_origin origin{echo_until_end};

  knock_maker knock_expired_for(std::chrono::seconds late) const {
    return access_knock(world.keys.token_for(world.device, {.expired_for = late}), world.device);
  }

  tunnel_options over(carrier_http http) const {
    auto options = world.as_device(world.device);
    options.http = http;
    return options;
  }

  void expect_each_serves(tunnel& device, const knock_maker& knock) {
    const auto part = pattern(base::mebibyte);
    const auto stream = device.open(loopback_target(origin.port()), part);
    base::byte_vector sent = part;
    ASSERT_TRUE(device.wait_until_open());
    for (int i = 0; i < further_carriers; ++i) {
      device.write(stream, part);
      base::append(sent, part);
      device.go_on(knock);
      ASSERT_TRUE(device.wait_until_carried()) << "carrier " << i + 2;
      ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= sent.size(); }));
      ASSERT_TRUE(device.view(stream).received == sent);
    }
    EXPECT_EQ(world.gateway.metric("httvps_gateway_sessions_opened_total"), 1);
    EXPECT_GT(world.gateway.metric(handed_over), 0);
  }
};

TEST_F(CarriersOnSeveralThreads, EachServesItsSessionOverHttp1WhicheverThreadAcceptsIt) {
  tunnel device(over(carrier_http::http1));
  expect_each_serves(device, over(carrier_http::http1).knock);
}

TEST_F(CarriersOnSeveralThreads, EachServesItsSessionOverHttp2WhicheverThreadAcceptsIt) {
  tunnel device(over(carrier_http::http2));
  expect_each_serves(device, over(carrier_http::http2).knock);
}

TEST_F(CarriersOnSeveralThreads, LateTokenOfALiveSessionServesOnEachThread) {
  tunnel device(over(carrier_http::http1));
  expect_each_serves(device, knock_expired_for(std::chrono::minutes(5)));
}

TEST_F(CarriersOnSeveralThreads, LateTokenOfASessionThatIsGoneIsToldSo) {
  auto options = over(carrier_http::http1);
  options.knock = knock_expired_for(std::chrono::minutes(5));
  for (int i = 0; i < further_carriers; ++i) {
    raw_carrier carrier(options);
    ASSERT_TRUE(carrier.is_upgraded());
    carrier.send_message(encode_hello({.may_create = wire::creation::forbidden}));
    const auto end = carrier.read_until_end();
    ASSERT_TRUE(end.refusal);
    EXPECT_EQ(end.refusal->code, wire::to_wire(wire::errc::session_gone));
  }
}

}
}
