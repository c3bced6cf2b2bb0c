#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"
#include "support/udp.hpp"

namespace httvps::testing {
namespace {

struct RelayedStream : ::testing::Test {
  gateway_world world;
  std::unique_ptr<tunnel> device = world.connect(world.device);

  void SetUp() override { ASSERT_TRUE(device->wait_until_open()) << device->failure().message(); }

  bool receives(wire::stream_id stream, std::size_t count) {
    return device->wait([&] { return device->view(stream).received.size() >= count; });
  }

  bool is_over(wire::stream_id stream) {
    return device->wait([&] { return device->view(stream).is_over(); });
  }
};

TEST_F(RelayedStream, CarriesEveryByteBothWays) {
  const tcp_origin origin(echo_until_end);
  const auto body = pattern(100'003);
  const auto stream = device->open(loopback_target(origin.port()), body);
  ASSERT_TRUE(receives(stream, body.size()));
  EXPECT_TRUE(device->view(stream).received == body);
}

TEST_F(RelayedStream, CarriesTwentyMebibytesBothWays) {
  const tcp_origin origin(echo_until_end);
  const auto body = pattern(20 * 1024 * 1024);
  const auto stream = device->open(loopback_target(origin.port()), body);
  ASSERT_TRUE(device->wait([&] { return device->view(stream).received.size() >= body.size(); },
                           std::chrono::seconds(50)));
  EXPECT_TRUE(device->view(stream).received == body);
}

TEST_F(RelayedStream, DatagramsPassAndUselessTargetsCostTheirOwnOnly) {
  const udp_origin origin([](const udp_port& at, const udp_arrival& asked) {
    static_cast<void>(at.send_to(asked.from, asked.bytes));
  });
  const auto body = pattern(1200);
  const wire::ipv4_target nowhere{.address = {127, 0, 0, 1}, .port = 0};
  EXPECT_TRUE(device->send_datagram(nowhere, body));
  EXPECT_FALSE(device->send_datagram(wire::reserved_target{"control"}, body));
  EXPECT_TRUE(device->send_datagram(loopback_target(origin.port()), body));
  ASSERT_TRUE(device->wait([&] { return device->datagrams().size() == 1; }));
  EXPECT_EQ(device->datagrams()[0], body);
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_datagrams_dropped_total", 1));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_datagrams_up_total"), 1);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_datagrams_down_total"), 1);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_flows"), 1);
}

TEST(StreamLimit, StreamsOverTheLimitOfADeviceAreRefusedAndOthersGoOn) {
  const tcp_origin origin(echo_until_end);
  const gateway_world tight{
      {.environment = {{"GATEWAY_DEVICE_STREAMS", "3"}, {"GATEWAY_THREADS", "1"}}}};
  const auto greedy = tight.connect(tight.device);
  const auto modest = tight.connect(make_device("dev_modest"));
  ASSERT_TRUE(greedy->wait_until_open() && modest->wait_until_open());
  const auto body = pattern(1000);
  const auto echoes = [&](tunnel& device, wire::stream_id stream) {
    return device.wait([&] { return device.view(stream).received == body; });
  };
  std::vector<wire::stream_id> streams;
  for (int i = 0; i < 3; ++i) {
    streams.push_back(greedy->open(loopback_target(origin.port()), body));
    ASSERT_TRUE(echoes(*greedy, streams.back()));
  }
  const auto fourth = greedy->open(loopback_target(origin.port()), body);
  ASSERT_TRUE(greedy->wait([&] { return greedy->view(fourth).is_over(); }));
  EXPECT_EQ(greedy->view(fourth).reset, wire::errc::stream_limit);
  EXPECT_TRUE(echoes(*modest, modest->open(loopback_target(origin.port()), body)));

  greedy->finish(streams.front());
  ASSERT_TRUE(greedy->wait([&] { return greedy->view(streams.front()).is_over(); }));
  EXPECT_TRUE(echoes(*greedy, greedy->open(loopback_target(origin.port()), body)));
}

TEST_F(RelayedStream, FiftyAtOnceKeepTheirBytesApart) {
  const tcp_origin origin(echo_until_end);
  std::vector<std::pair<wire::stream_id, base::byte_vector>> streams;
  for (std::size_t i = 0; i < 50; ++i) {
    auto body = pattern(20'000 + 1'001 * i);
    std::ranges::fill(std::span(body).first(64), static_cast<std::uint8_t>(i));
    const auto stream = device->open(loopback_target(origin.port()), body);
    streams.emplace_back(stream, std::move(body));
  }
  for (const auto& [stream, body] : streams) {
    ASSERT_TRUE(receives(stream, body.size()));
    EXPECT_TRUE(device->view(stream).received == body);
  }
  EXPECT_EQ(origin.accepted(), 50U);
}

TEST_F(RelayedStream, GoesToATargetByName) {
  const tcp_origin origin(echo_until_end);
  const auto body = pattern(500);
  const auto stream =
      device->open(wire::domain_target{.name = "localhost", .port = origin.port()}, body);
  ASSERT_TRUE(receives(stream, body.size()));
  EXPECT_EQ(device->view(stream).received, body);
}

TEST_F(RelayedStream, EndOfTheOriginFollowsItsLastByte) {
  const auto body = pattern(300'000);
  const tcp_origin origin([&body](tcp_socket& connection) {
    base::byte_array<1> question;
    connection.receive(question);
    connection.send_all(body);
  });
  const auto stream = device->open(loopback_target(origin.port()), pattern(1));
  ASSERT_TRUE(is_over(stream));
  EXPECT_TRUE(device->view(stream).finished);
  EXPECT_TRUE(device->view(stream).received == body);
}

TEST_F(RelayedStream, EndOfTheClientLeavesTheAnswerWhole) {
  const auto answer = pattern(200'000);
  const tcp_origin origin([&answer](tcp_socket& connection) {
    base::byte_array<4096> question;
    connection.receive(question);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    connection.send_all(answer);
  });
  const auto stream = device->open(loopback_target(origin.port()), pattern(4096));
  device->finish(stream);
  ASSERT_TRUE(is_over(stream));
  EXPECT_TRUE(device->view(stream).finished);
  EXPECT_TRUE(device->view(stream).received == answer);
}

TEST_F(RelayedStream, TargetThatRefusesEndsItsStreamOnly) {
  const tcp_origin origin(echo_until_end);
  const auto healthy = device->open(loopback_target(origin.port()), pattern(10));
  const auto refused = device->open(loopback_target(free_port()), pattern(10));
  ASSERT_TRUE(is_over(refused));
  EXPECT_EQ(device->view(refused).reset, wire::errc::target_unreachable_or_closed);
  device->write(healthy, pattern(10));
  EXPECT_TRUE(receives(healthy, 20));
}

TEST_F(RelayedStream, TargetThatDoesNotResolveEndsItsStream) {
  const auto stream =
      device->open(wire::domain_target{.name = "no-such-name.invalid", .port = 80}, pattern(10));
  ASSERT_TRUE(is_over(stream));
  EXPECT_EQ(device->view(stream).reset, wire::errc::target_unreachable_or_closed);
}

TEST_F(RelayedStream, PortZeroIsRefusedWithoutANode) {
  const auto stream =
      device->open(wire::domain_target{.name = "localhost", .port = 0}, pattern(10));
  ASSERT_TRUE(is_over(stream));
  EXPECT_EQ(device->view(stream).reset, wire::errc::target_invalid);
}

TEST_F(RelayedStream, NodeThatIsDownEndsItsStreamWithItsName) {
  world.node.stop();
  const auto stream = device->open(loopback_target(free_port()), pattern(10));
  ASSERT_TRUE(is_over(stream));
  EXPECT_EQ(device->view(stream).reset, wire::errc::node_unreachable);
  EXPECT_FALSE(device->is_over());
}

TEST_F(RelayedStream, SlowReaderHoldsTheOriginBack) {
  std::atomic<std::size_t> sent{0};
  const tcp_origin origin([&sent](tcp_socket& connection) {
    const auto block = pattern(64 * 1024);
    while (sent < std::size_t{512} * 1024 * 1024 && connection.send_all(block)) {
      sent += block.size();
    }
  });
  const auto stream = device->open(loopback_target(origin.port()), pattern(1));
  ASSERT_TRUE(receives(stream, 1));
  device->stop_reading();
  device->let_run(std::chrono::milliseconds(500));
  const auto before = sent.load();
  device->let_run(std::chrono::milliseconds(500));
  EXPECT_LT(sent.load() - before, std::size_t{1024} * 1024);
  EXPECT_LT(sent.load(), std::size_t{128} * 1024 * 1024);
}

struct RelayToOutline : ::testing::Test {
  gateway_world world{{.key_parameters = "outline=1"}};
  std::unique_ptr<tunnel> device = world.connect(world.device);
};

TEST_F(RelayToOutline, AStoppedDownloadLeavesTheUploadWhole) {
  const auto first = pattern(10);
  const auto rest = pattern(3'000'000);
  std::promise<std::optional<base::byte_vector>> received;
  const tcp_origin origin([&received](tcp_socket& connection) {
    connection.send_all(pattern(20'000));
    received.set_value(receive_whole(connection));
  });
  const auto stream = device->open(loopback_target(origin.port()), first);
  ASSERT_TRUE(device->wait([&] { return !device->view(stream).received.empty(); }));
  device->stop(stream);
  device->let_run(std::chrono::milliseconds(100));
  device->write(stream, rest);
  device->finish(stream);
  auto whole = received.get_future();
  ASSERT_TRUE(device->wait(
      [&] { return whole.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
  const auto arrived = whole.get();
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->size(), first.size() + rest.size());
  EXPECT_TRUE(std::ranges::equal(std::span(*arrived).subspan(first.size()), rest));
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_streams", 0));
  EXPECT_FALSE(device->is_over());
}

TEST_F(RelayToOutline, EndOfTheClientReachesTheOriginAfterAllBytes) {
  std::promise<std::optional<base::byte_vector>> received;
  const tcp_origin origin(
      [&received](tcp_socket& connection) { received.set_value(receive_whole(connection)); });
  const auto body = pattern(150'000);
  const auto stream = device->open(loopback_target(origin.port()), body);
  device->finish(stream);
  auto outcome = received.get_future();
  ASSERT_TRUE(device->wait(
      [&] { return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
  EXPECT_TRUE(outcome.get() == body);
  EXPECT_FALSE(device->view(stream).reset);
}

}
}
