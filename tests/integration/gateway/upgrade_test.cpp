#include "gateway/support/upgrade.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace httvps::testing {
namespace {

base::byte_vector client_hello(std::size_t record) {
  base::byte_vector bytes = {
      0x16, 3, 1, static_cast<std::uint8_t>(record >> 8), static_cast<std::uint8_t>(record), 1};
  base::append(bytes, pattern(record - 1));
  return bytes;
}

TEST_F(Upgrade, StreamsGoOnThroughTheSuccessorOverHttp1) {
  expect_streams_go_on(carrier_http::http1);
}

TEST_F(Upgrade, StreamsGoOnThroughTheSuccessorOverHttp2) {
  expect_streams_go_on(carrier_http::http2);
}

TEST_F(Upgrade, EachProcessPassesOnWhatIsTheOthersWhileBothListen) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  for (int i = 0; i < 2 * cuts; ++i) {
    go_on_exactly(device);
  }
  EXPECT_GT(next->metric(passed_on), 0);
  EXPECT_EQ(next->metric(passed_on), old().metric(taken_in));
  EXPECT_FALSE(old().wait_for_exit(std::chrono::milliseconds(0)));
}

TEST_F(Upgrade, NewSessionsLandOnTheSuccessorAndEachReportsItsOwnUsage) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  go_on_exactly(device);
  const auto fresh = world->connect(world->device);
  EXPECT_TRUE(echoes(*fresh));
  EXPECT_EQ(next->metric(opened), 1);
  EXPECT_EQ(old().metric(opened), 1);
  EXPECT_EQ(fetch_plain(old().metrics_port(), "/readyz").status, 503);
  device.close();
  fresh->close();
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
  const auto total = sent.size() + 1000;
  EXPECT_TRUE(world->backend.wait_for([total](const backend_record& seen) {
    std::map<std::pair<std::string, std::uint64_t>, base::byte_count> up;
    std::set<std::string> epochs;
    for (const auto& each : seen.usage) {
      for (const auto& line : each.lines) {
        auto& most = up[{each.epoch, line.session}];
        most = std::max(most, line.up);
        epochs.insert(each.epoch);
      }
    }
    base::byte_count sum = 0;
    for (const auto& [session, bytes] : up) {
      sum += bytes;
    }
    return epochs.size() == 2 && sum == total;
  }));
}

TEST_F(Upgrade, IdleSessionsAreSentToTheSuccessor) {
  const auto device = world->connect(world->device);
  ASSERT_TRUE(device->wait_until_open());
  start_next();
  hand_on();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(device->wait_until_over());
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
  EXPECT_TRUE(echoes(*world->connect(world->device)));
}

TEST_F(Upgrade, SessionsThatStayTooLongAreDrained) {
  world = make_world({{"GATEWAY_UPGRADE_LIMIT", "300"}, {"GATEWAY_DRAIN", "300"}});
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  ASSERT_TRUE(device.wait([&] { return device.farewell().has_value(); }));
  EXPECT_EQ(device.farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(device.wait_until_over());
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
}

TEST_F(Upgrade, ProcessThatWasKilledMeansItsSessionsAreGone) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  old().send_signal(SIGKILL);
  ASSERT_TRUE(old().wait_for_exit(exit_limit));
  ASSERT_TRUE(device.wait([&] { return device.is_over(); }));
  const auto hello = client_hello(300);
  const auto untouched = device.open(loopback_target(origin.port()), hello);
  device.go_on(over(carrier_http::http1).knock);
  ASSERT_TRUE(device.wait([&] { return device.view(stream).is_over(); }));
  EXPECT_EQ(device.view(stream).reset, wire::errc::gateway_lost);
  device.go_on(over(carrier_http::http1).knock);
  ASSERT_TRUE(device.wait([&] { return device.view(untouched).received.size() >= hello.size(); }));
  EXPECT_TRUE(device.view(untouched).received == hello);
  EXPECT_EQ(next->metric(passed_on), 0);
  EXPECT_EQ(next->metric(opened), 1);
  EXPECT_TRUE(next->wait_for_log("process_not_reached"));
}

TEST_F(Upgrade, DownBudgetHoldsThroughTheRelay) {
  constexpr base::byte_count budget = 48 * base::kibibyte;
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  const auto part = pattern(256 * base::kibibyte);
  device.write(stream, part);
  base::append(sent, part);
  device.limit_carriers_to(budget);
  while (device.view(stream).received.size() < sent.size()) {
    const auto before = device.view(stream).received.size();
    device.go_on(over(carrier_http::http1).knock);
    ASSERT_TRUE(device.wait_until_carried());
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() > before; }));
    device.let_run(std::chrono::milliseconds(300));
    EXPECT_LE(device.received_on_carrier(), budget);
  }
  EXPECT_TRUE(device.view(stream).received == sent);
  EXPECT_GE(next->metric(passed_on), 6);
}

TEST_F(Upgrade, SocketsOfProcessesThatAreGoneAreRemoved) {
  const auto sockets = [this] {
    std::ptrdiff_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(old().state_folder() + "/run")) {
      count += each.is_socket() ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(sockets(), 1);
  old().send_signal(SIGKILL);
  ASSERT_TRUE(old().wait_for_exit(exit_limit));
  EXPECT_EQ(sockets(), 1);
  start_next();
  EXPECT_EQ(sockets(), 1);
  next->terminate();
  ASSERT_EQ(next->wait_for_exit(exit_limit), 0);
  EXPECT_EQ(sockets(), 0);
}

}
}
