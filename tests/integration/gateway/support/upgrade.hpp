#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <memory>
#include <string>

#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

struct Upgrade : ::testing::Test {
  static constexpr int cuts = 6;
  const std::string passed_on = "httvps_gateway_carriers_passed_on_total";
  const std::string taken_in = "httvps_gateway_carriers_taken_in_total";
  const std::string opened = "httvps_gateway_sessions_opened_total";
  const std::string relayed = "httvps_gateway_carriers_relayed";

  std::unique_ptr<gateway_world> world = make_world({});
  tcp_origin origin{echo_until_end};
  std::unique_ptr<gateway_process> next;
  base::byte_vector sent;
  wire::stream_id stream{};

  static std::unique_ptr<gateway_world> make_world(std::map<std::string, std::string> more) {
    more["GATEWAY_THREADS"] = "2";
    return std::make_unique<gateway_world>(world_options{.environment = std::move(more)});
  }

  gateway_process& old() const { return world->gateway; }

  tunnel_options over(carrier_http http) const {
    auto options = world->as_device(world->device);
    options.http = http;
    return options;
  }

  void start_next() {
    next = std::make_unique<gateway_process>(world->successor());
    ASSERT_TRUE(next->wait_until_ready()) << next->standard_error() << next->log();
    ASSERT_EQ(next->public_port(), old().public_port());
  }

  void hand_on() const {
    old().send_signal(SIGUSR2);
    ASSERT_TRUE(old().wait_for_log("gateway_handing_on"));
  }

  void begin(tunnel& device) {
    sent = pattern(base::mebibyte);
    stream = device.open(loopback_target(origin.port()), sent);
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= sent.size(); }));
  }

  void go_on_exactly(tunnel& device) {
    const auto part = pattern(base::mebibyte + 17);
    device.write(stream, part);
    base::append(sent, part);
    device.go_on(over(carrier_http::http1).knock);
    ASSERT_TRUE(device.wait_until_carried()) << device.failure().message();
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= sent.size(); }));
    ASSERT_TRUE(device.view(stream).received == sent);
  }

  void expect_streams_go_on(carrier_http http) {
    tunnel device(over(http));
    begin(device);
    start_next();
    hand_on();
    for (int i = 0; i < cuts; ++i) {
      go_on_exactly(device);
    }
    EXPECT_EQ(next->metric(passed_on), cuts);
    EXPECT_EQ(next->metric(relayed), 1);
    EXPECT_EQ(next->metric(opened), 0);
    EXPECT_EQ(old().metric(taken_in), cuts);
    EXPECT_EQ(old().metric(opened), 1);
    device.close();
    EXPECT_EQ(old().wait_for_exit(exit_limit), 0) << old().log();
    EXPECT_TRUE(next->wait_until_zero(relayed));
  }

  bool echoes(tunnel& device) const {
    const auto body = pattern(1000);
    const auto fresh = device.open(loopback_target(origin.port()), body);
    return device.wait([&] { return device.view(fresh).received.size() >= body.size(); });
  }
};

}
