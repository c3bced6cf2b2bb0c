#include <poll.h>

#include <atomic>
#include <latch>

#include "outline/node_fixture.hpp"

namespace httvps::gateway {
namespace {

using namespace std::chrono_literals;
using httvps::testing::mute_listener;
using httvps::testing::pattern;
using httvps::testing::ss_server;
using httvps::testing::tcp_origin;
using httvps::testing::tcp_socket;
using net::asio::awaitable;
using testing::collecting_sink;
using testing::dial;
using testing::key_for;
using testing::loopback_target;
using testing::make_node;
using testing::run_loop;
using testing::soon;
using shared_node = std::shared_ptr<outline_node>;

struct ahead_rig {
  explicit ahead_rig(std::uint16_t port, const predial_settings& chosen = {.most = 4})
      : node(make_node(key_for(port))) {
    meter = {.hits = registry.add_counter({"hits", "hits"}),
             .misses = registry.add_counter({"misses", "misses"}),
             .expired = registry.add_counter({"expired", "expired"}),
             .lost = registry.add_counter({"lost", "lost"}),
             .idle = registry.add_gauge({"idle", "idle"})};
    const dialer_plan plan{.ahead = {.settings = chosen, .meter = meter}};
    dialer = std::make_shared<node_dialer>(base::real_clock(), base::secure_random(), plan);
  }

  net::task<testing::shared_connection> open(std::size_t payload = 10, std::uint16_t port = 80) {
    connect_request request{
        .node = node, .target = loopback_target(port), .first_payload = pattern(payload)};
    return dial(dialer, std::move(request));
  }

  base::metric_registry registry;
  predial_meter meter;
  shared_node node;
  std::shared_ptr<node_dialer> dialer;
};

template <typename Condition>
awaitable<bool> comes_true(Condition holds) {
  const auto limit = soon();
  while (!holds() && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  co_return holds();
}

awaitable<void> second_open_finds_a_connection(ahead_rig* rig, std::uint16_t origin) {
  for (std::uint64_t round = 0; round < 3; ++round) {
    const auto connection = (co_await rig->open(5000, origin)).value();
    EXPECT_EQ(rig->meter.hits.value(), round);
    const auto sink = std::make_shared<collecting_sink>();
    EXPECT_TRUE(co_await testing::receive_at_least(connection, sink, 5000));
    EXPECT_TRUE(std::ranges::equal(sink->view(), pattern(5000)));
    EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() > 0; }));
  }
  EXPECT_EQ(rig->meter.misses.value(), 1U);
}

TEST(Predial, OpensAfterTheFirstFindAConnectionOfARealNode) {
  const ss_server server(shadowsocks::cipher_method::aes_256_gcm);
  const tcp_origin origin(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(server.port());
  loop.run(second_open_finds_a_connection(&rig, origin.port()));
}

awaitable<void> hit_needs_no_answer_of_the_network(ahead_rig* rig, const tcp_origin* node) {
  const auto first = co_await rig->open();
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 1; }));
  EXPECT_TRUE(co_await comes_true([node] { return node->accepted() == 2; }));
  const auto before = rig->node->health().connects;
  const auto second = co_await rig->open();
  EXPECT_TRUE(second);
  EXPECT_EQ(rig->meter.hits.value(), 1U);
  EXPECT_EQ(rig->node->health().connects, before);
}

TEST(Predial, HitWaitsForNoConnect) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node.port());
  loop.run(hit_needs_no_answer_of_the_network(&rig, &node));
}

awaitable<void> open_many(ahead_rig* rig) {
  std::vector<testing::shared_connection> open;
  std::int64_t most = 0;
  for (int i = 0; i < 20; ++i) {
    open.push_back((co_await rig->open()).value());
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
    most = std::max(most, rig->meter.idle.value());
  }
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 4; }));
  EXPECT_LE(most, 4);
}

TEST(Predial, KeepsAtMostFourConnections) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node.port());
  loop.run(open_many(&rig));
  rig.dialer->close_idle();
  EXPECT_EQ(rig.meter.idle.value(), 0);
}

awaitable<void> dead_connection_is_passed_over(ahead_rig* rig, std::latch* closed) {
  const auto first = co_await rig->open();
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 1; }));
  closed->wait();
  const auto second = (co_await rig->open()).value();
  EXPECT_EQ(rig->meter.lost.value(), 1U);
  EXPECT_EQ(rig->meter.misses.value(), 2U);
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_at_least(second, sink, 7));
  EXPECT_EQ(sink->size(), 7U);
}

bool is_readable_within(const tcp_socket& socket, std::chrono::milliseconds limit) {
  pollfd watched{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
  return poll(&watched, 1, static_cast<int>(limit.count())) > 0;
}

TEST(Predial, ConnectionThatTheNodeClosedIsNeverUsed) {
  std::latch closed(1);
  std::atomic<bool> is_first_silence{true};
  const tcp_origin node([&](tcp_socket& socket) {
    if (!is_readable_within(socket, 200ms) && is_first_silence.exchange(false)) {
      socket.close();
      closed.count_down();
      return;
    }
    testing::node_side side(socket);
    side.receive(17);
    side.send(pattern(7));
  });
  run_loop loop;
  ahead_rig rig(node.port());
  loop.run(dead_connection_is_passed_over(&rig, &closed));
}

awaitable<void> goes_cold(ahead_rig* rig) {
  const auto first = co_await rig->open();
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 1; }));
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 0; }));
  EXPECT_EQ(rig->meter.expired.value(), 1U);
}

TEST(Predial, ConnectionsAreClosedWhenTheNodeIsNoLongerOpenedTo) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node.port(), {.most = 4, .warm = 100ms});
  loop.run(goes_cold(&rig));
}

TEST(Predial, ConnectionsAreClosedWhenTheyAreOld) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node.port(), {.most = 4, .oldest = 100ms});
  loop.run(goes_cold(&rig));
}

awaitable<void> gone_node_is_dialled_once(ahead_rig* rig, std::unique_ptr<tcp_origin>* node) {
  const auto first = co_await rig->open();
  EXPECT_TRUE(co_await comes_true([rig] { return rig->meter.idle.value() == 1; }));
  node->reset();
  EXPECT_EQ((co_await rig->open()).error(), outline_errc::node_refused);
  static_cast<void>(co_await net::sleep_until(net::deadline_after(50ms)));
  EXPECT_EQ(rig->node->health().failures, 1U);
}

TEST(Predial, NodeThatIsGoneIsNotDialledAhead) {
  auto node = std::make_unique<tcp_origin>(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node->port());
  loop.run(gone_node_is_dialled_once(&rig, &node));
}

awaitable<void> nothing_is_dialled_ahead(ahead_rig* rig, const tcp_origin* node) {
  const auto first = co_await rig->open();
  const auto second = co_await rig->open();
  EXPECT_TRUE(co_await comes_true([node] { return node->accepted() == 2; }));
  EXPECT_EQ(rig->node->health().connects, 2U);
  EXPECT_EQ(rig->meter.misses.value(), 0U);
}

TEST(Predial, ZeroConnectionsMeansNone) {
  const tcp_origin node(httvps::testing::echo_until_end);
  run_loop loop;
  ahead_rig rig(node.port(), {.most = 0});
  loop.run(nothing_is_dialled_ahead(&rig, &node));
}

shared_node node_at(const std::vector<std::uint16_t>& ports) {
  auto key = key_for(443);
  key.host = "several.invalid";
  const auto node = make_node(std::move(key));
  std::vector<net::endpoint> addresses;
  for (const auto port : ports) {
    addresses.push_back({.host = "127.0.0.1", .port = port});
  }
  node->store_addresses(std::move(addresses), base::real_clock().steady_now());
  return node;
}

awaitable<void> connect_within(shared_node node, base::duration least, base::duration most) {
  const auto start = base::real_clock().steady_now();
  connect_request request{.node = node, .target = loopback_target(80), .first_payload = pattern(1)};
  EXPECT_TRUE(co_await dial(testing::make_dialer(), std::move(request)));
  const auto took = base::real_clock().steady_now() - start;
  EXPECT_GE(took, least);
  EXPECT_LT(took, most);
}

TEST(NodeAddresses, SecondOneIsTriedWhileTheFirstIsSilent) {
  const mute_listener mute;
  const tcp_origin good(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(connect_within(node_at({mute.port(), good.port()}), 240ms, 2s));
}

TEST(NodeAddresses, SecondOneIsTriedAtOnceWhenTheFirstRefuses) {
  const tcp_origin good(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(connect_within(node_at({httvps::testing::free_port(), good.port()}), 0ms, 240ms));
}

awaitable<void> reserve_answers(shared_node first, base::duration least, base::duration most) {
  const tcp_origin good(httvps::testing::echo_until_end);
  node_settings chosen{.id = "reserve", .key = key_for(good.port())};
  const auto reserve = outline_node::make(std::move(chosen)).value();
  const auto start = base::real_clock().steady_now();
  connect_request request{.node = first,
                          .target = loopback_target(80),
                          .first_payload = pattern(1),
                          .reserve = reserve};
  const auto made = co_await dial(testing::make_dialer(), std::move(request));
  EXPECT_TRUE(made);
  if (made) {
    EXPECT_EQ((*made)->node_id(), "reserve");
    EXPECT_EQ(reserve->in_flight(), 1U);
  }
  const auto took = base::real_clock().steady_now() - start;
  EXPECT_GE(took, least);
  EXPECT_LT(took, most);
  EXPECT_EQ(reserve->health().connects, 1U);
}

awaitable<void> first_answers(shared_node first, shared_node reserve) {
  connect_request request{.node = first,
                          .target = loopback_target(80),
                          .first_payload = pattern(1),
                          .reserve = reserve};
  EXPECT_TRUE(co_await dial(testing::make_dialer(), std::move(request)));
  EXPECT_EQ(first->health().connects, 1U);
  EXPECT_EQ(reserve->health().connects + reserve->health().failures, 0U);
}

TEST(SecondChoice, IsTriedWhileTheFirstNodeIsSilent) {
  const mute_listener mute;
  const auto first = node_at({mute.port()});
  run_loop loop;
  loop.run(reserve_answers(first, 240ms, 2s));
  EXPECT_EQ(first->health().failures, 0U);
  EXPECT_GE(first->latency().value(), 240ms);
}

TEST(SecondChoice, IsTriedAtOnceWhenTheFirstNodeRefuses) {
  const auto first = node_at({httvps::testing::free_port()});
  run_loop loop;
  loop.run(reserve_answers(first, 0ms, 240ms));
  EXPECT_EQ(first->health().failures, 1U);
}

TEST(SecondChoice, IsLeftAloneWhenTheFirstNodeAnswers) {
  const tcp_origin good(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(first_answers(node_at({good.port()}), node_at({httvps::testing::free_port()})));
}

awaitable<void> expect_refusal(shared_node node) {
  connect_request request{.node = node, .target = loopback_target(80), .first_payload = pattern(1)};
  EXPECT_EQ((co_await dial(testing::make_dialer(), std::move(request))).error(),
            outline_errc::node_refused);
  EXPECT_EQ(node->health().failures, 1U);
}

TEST(NodeAddresses, AllThatRefuseMakeOneFailure) {
  run_loop loop;
  loop.run(expect_refusal(node_at({httvps::testing::free_port(), httvps::testing::free_port()})));
}

}
}
