#include <latch>

#include "outline/node_fixture.hpp"

namespace httvps::gateway {
namespace {

using httvps::testing::pattern;
using httvps::testing::tcp_origin;
using httvps::testing::tcp_socket;
using testing::collecting_sink;
using testing::dial;
using testing::key_for;
using testing::loopback_target;
using testing::make_dialer;
using testing::make_node;
using testing::node_side;
using testing::run_loop;
using testing::soon;
using shared_node = std::shared_ptr<outline_node>;

constexpr std::size_t target_size = 7;

connect_request request_to(shared_node node, std::size_t payload) {
  return {
      .node = std::move(node), .target = loopback_target(80), .first_payload = pattern(payload)};
}

struct ending {
  base::error failure;
  base::byte_vector received;
};

net::asio::awaitable<void> read_to_the_end(std::uint16_t port, ending* seen) {
  const auto node = make_node(key_for(port));
  const auto connection = (co_await dial(make_dialer(), request_to(node, 10))).value();
  const auto sink = std::make_shared<collecting_sink>();
  const auto outcome = co_await testing::receive_until_end(connection, sink);
  seen->failure = outcome ? base::error() : outcome.error();
  seen->received.assign(sink->view().begin(), sink->view().end());
}

ending ending_with(const httvps::testing::connection_handler& handler) {
  const tcp_origin node(handler);
  ending seen;
  run_loop loop;
  loop.run(read_to_the_end(node.port(), &seen));
  return seen;
}

TEST(HostileNode, AnOrderlyEndIsNoError) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side node(socket);
    node.receive(target_size + 10);
    node.send(pattern(20'000));
  });
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.received, pattern(20'000));
}

TEST(HostileNode, EndBeforeAnyByteNamesTheTarget) {
  const auto seen = ending_with([](tcp_socket& socket) { node_side(socket).receive(1); });
  EXPECT_EQ(seen.failure, outline_errc::target_unreachable_or_closed);
}

TEST(HostileNode, ResetBeforeAnyByteNamesTheTarget) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side(socket).receive(1);
    socket.close_with_reset();
  });
  EXPECT_EQ(seen.failure, outline_errc::target_unreachable_or_closed);
}

net::asio::awaitable<void> write_into_a_reset(std::uint16_t port, std::latch* is_reset) {
  const auto node = make_node(key_for(port));
  const auto connection = (co_await dial(make_dialer(), request_to(node, 10))).value();
  is_reset->wait();
  EXPECT_EQ(connection->try_send(pattern(10)).error(), outline_errc::target_unreachable_or_closed);
}

TEST(HostileNode, SendingIntoAnUnansweredResetNamesTheTarget) {
  std::latch is_reset(1);
  const tcp_origin node([&is_reset](tcp_socket& socket) {
    node_side(socket).receive(1);
    socket.close_with_reset();
    is_reset.count_down();
  });
  run_loop loop;
  loop.run(write_into_a_reset(node.port(), &is_reset));
}

TEST(HostileNode, ResetAfterBytesIsALostConnection) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side node(socket);
    node.receive(target_size + 10);
    node.send(pattern(5));
    const auto garbage = node.sealed(pattern(100'000));
    socket.send_all(base::byte_view(garbage).first(50'000));
    socket.wait_for_end(std::chrono::milliseconds(100));
    socket.close_with_reset();
  });
  EXPECT_EQ(seen.failure, outline_errc::node_connection_lost);
}

TEST(HostileNode, CutInTheMiddleOfAChunkIsTruncated) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side node(socket);
    node.receive(target_size + 10);
    node.send(pattern(100));
    const auto cut = node.sealed(pattern(5000));
    socket.send_all(base::byte_view(cut).first(cut.size() - 1));
  });
  EXPECT_EQ(seen.failure, outline_errc::node_truncated);
  EXPECT_EQ(seen.received, pattern(100));
}

TEST(HostileNode, CutSaltIsTruncated) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side(socket).receive(target_size + 10);
    socket.send_all(pattern(31));
  });
  EXPECT_EQ(seen.failure, outline_errc::node_truncated);
}

TEST(HostileNode, GarbageIsAProtocolError) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side(socket).receive(target_size + 10);
    socket.send_all(pattern(4096));
  });
  EXPECT_EQ(seen.failure, outline_errc::node_protocol_error);
  EXPECT_TRUE(seen.received.empty());
}

TEST(HostileNode, GarbageAfterGoodChunksKeepsTheGoodOnes) {
  const auto seen = ending_with([](tcp_socket& socket) {
    node_side node(socket);
    node.receive(target_size + 10);
    auto bytes = node.sealed(pattern(40'000));
    bytes.back() ^= 1U;
    socket.send_all(bytes);
  });
  EXPECT_EQ(seen.failure, outline_errc::node_protocol_error);
  EXPECT_EQ(seen.received, pattern(2 * shadowsocks::max_chunk_payload));
}

TEST(HostileNode, OwnBytesSentBackAreAProtocolError) {
  const auto seen = ending_with(httvps::testing::echo_until_end);
  EXPECT_EQ(seen.failure, outline_errc::node_protocol_error);
}

net::asio::awaitable<void> only_connect(shared_node node, std::size_t payload) {
  EXPECT_TRUE(co_await dial(make_dialer(), request_to(node, payload)));
}

TEST(HostileNode, SaltTargetAndFirstPayloadTravelInOneSend) {
  constexpr std::size_t payload = 20'000;
  std::size_t first_receive = 0;
  std::latch received(1);
  const tcp_origin node([&](tcp_socket& socket) {
    base::byte_vector room(65536);
    first_receive = socket.receive(room).value_or(0);
    received.count_down();
  });
  run_loop loop;
  loop.run(only_connect(make_node(key_for(node.port())), payload));
  received.wait();
  EXPECT_EQ(first_receive,
            shadowsocks::max_salt_size + target_size + payload + 2 * shadowsocks::chunk_overhead);
}

net::asio::awaitable<void> expect_no_connection(shared_node node, outline_errc expected) {
  const auto brief = net::deadline_after(std::chrono::milliseconds(200));
  const auto dialer = make_dialer();
  auto request = request_to(node, 10);
  const auto outcome = co_await dialer->connect(std::move(request), brief);
  EXPECT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), expected);
  EXPECT_EQ(node->health().failures, 1U);
  EXPECT_EQ(node->health().last_failure, expected);
}

TEST(HostileNode, NodeThatIsDownRefuses) {
  run_loop loop;
  loop.run(expect_no_connection(make_node(key_for(httvps::testing::free_port())),
                                outline_errc::node_refused));
}

TEST(HostileNode, NodeThatDoesNotAnswerTimesOut) {
  const httvps::testing::mute_listener mute;
  run_loop loop;
  loop.run(expect_no_connection(make_node(key_for(mute.port())), outline_errc::node_timed_out));
}

TEST(HostileNode, NodeWithoutAddressIsUnresolved) {
  auto key = key_for(443);
  key.host = "node.invalid";
  run_loop loop;
  loop.run(expect_no_connection(make_node(std::move(key)), outline_errc::node_unresolved));
}

net::asio::awaitable<void> expect_refusal_without_dialling(shared_node node) {
  const auto dialer = make_dialer();
  auto too_long = request_to(node, first_payload_limit + 1);
  EXPECT_EQ((co_await dialer->connect(std::move(too_long), soon())).error(),
            outline_errc::first_payload_too_long);
  auto nowhere = request_to(node, 1);
  nowhere.target.port = 0;
  EXPECT_EQ((co_await dialer->connect(std::move(nowhere), soon())).error(),
            shadowsocks::errc::malformed_target);
  EXPECT_EQ(node->health().failures, 0U);
}

TEST(HostileNode, BadRequestsNeverReachTheNode) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(expect_refusal_without_dialling(make_node(key_for(node.port()))));
  EXPECT_EQ(node.accepted(), 0U);
}

net::asio::awaitable<void> ask_and_end(std::uint16_t port) {
  const auto node = make_node(key_for(port), half_close_policy::pass_on);
  const auto connection = (co_await dial(make_dialer(), request_to(node, 10))).value();
  EXPECT_TRUE(co_await testing::send_all(connection, base::as_bytes("the rest")));
  EXPECT_TRUE(connection->shutdown_send());
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_until_end(connection, sink));
  EXPECT_EQ(sink->size(), target_size + 18);
}

TEST(HostileNode, OutlineNodesSeeTheEndAtOnceAndAnswerAfterIt) {
  const tcp_origin node([](tcp_socket& socket) {
    node_side side(socket);
    side.send(side.receive_until_end());
  });
  run_loop loop;
  loop.run(ask_and_end(node.port()));
}

}
}
