#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "httvps/gateway/outline/datagram_relay.hpp"
#include "httvps/shadowsocks/packet.hpp"
#include "outline/node_fixture.hpp"
#include "support/udp.hpp"

namespace httvps::gateway {
namespace {

using namespace std::chrono_literals;
using httvps::testing::echo_datagram;
using httvps::testing::pattern;
using httvps::testing::ss_server;
using httvps::testing::udp_arrival;
using httvps::testing::udp_origin;
using httvps::testing::udp_port;
using net::asio::awaitable;
using testing::key_for;
using testing::loopback_target;
using testing::make_node;
using testing::run_loop;
using testing::soon;
using shared_node = std::shared_ptr<outline_node>;

struct heard {
  std::uint64_t flow = 0;
  shadowsocks::target peer;
  base::byte_vector payload;
};

class listening_sink final : public datagram_sink {
 public:
  void on_datagram(const datagram& arrived) override {
    all.push_back({.flow = arrived.flow,
                   .peer = arrived.peer,
                   .payload = {arrived.payload.begin(), arrived.payload.end()}});
  }
  void on_sent(base::byte_count payload) override { sent += payload; }

  std::vector<heard> all;
  base::byte_count sent = 0;
};

struct relay_rig {
  explicit relay_rig(shared_node at, const datagram_limits& limits = {})
      : node(std::move(at)),
        engine({.clock = clock, .random = base::secure_random(), .limits = limits}) {}

  std::unique_ptr<datagram_relay> make_relay() {
    return std::make_unique<datagram_relay>(
        engine, datagram_relay::place{.runs_on = loop.get_executor(), .node = node}, sink);
  }

  run_loop loop;
  base::manual_clock clock;
  shared_node node;
  datagram_engine engine;
  listening_sink sink;
};

awaitable<bool> hears(relay_rig* rig, std::size_t count) {
  const auto limit = soon();
  while (rig->sink.all.size() < count && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  co_return rig->sink.all.size() == count;
}

class RealNodeUdp : public ::testing::TestWithParam<shadowsocks::cipher_method> {
 protected:
  ss_server server_{GetParam()};
  relay_rig rig_{make_node(key_for(server_.port(), GetParam()))};
};

awaitable<void> echo_sizes(relay_rig* rig, std::uint16_t origin) {
  const auto relay = rig->make_relay();
  const std::vector<std::size_t> sizes{0, 1, 47, 512, 1252, 1400};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_TRUE(
        relay->send({.flow = 7, .peer = loopback_target(origin), .payload = pattern(sizes[i])}));
    EXPECT_TRUE(co_await hears(rig, i + 1));
    EXPECT_EQ(rig->sink.all.back().flow, 7U);
    EXPECT_EQ(rig->sink.all.back().peer, loopback_target(origin));
    EXPECT_EQ(rig->sink.all.back().payload, pattern(sizes[i]));
  }
  EXPECT_EQ(relay->flows(), 1U);
  EXPECT_EQ(relay->counts().packets_up, sizes.size());
  EXPECT_EQ(relay->counts().packets_down, sizes.size());
  EXPECT_EQ(relay->counts().bytes_up, 3212U);
  EXPECT_EQ(relay->counts().bytes_down, 3212U);
  EXPECT_EQ(rig->sink.sent, 3212U);
}

TEST_P(RealNodeUdp, EchoesDatagramsAndCountsPayloadOnly) {
  const udp_origin origin(echo_datagram);
  rig_.loop.run(echo_sizes(&rig_, origin.port()));
}

awaitable<void> hear_a_stranger(relay_rig* rig, std::uint16_t origin, std::uint16_t stranger) {
  const auto relay = rig->make_relay();
  EXPECT_TRUE(relay->send({.flow = 1, .peer = loopback_target(origin), .payload = pattern(9)}));
  EXPECT_TRUE(co_await hears(rig, 1));
  EXPECT_EQ(rig->sink.all.front().flow, 1U);
  EXPECT_EQ(rig->sink.all.front().peer, loopback_target(stranger));
}

TEST_P(RealNodeUdp, AnswersOfAnyRemoteAddressReachTheirFlow) {
  const udp_port stranger;
  const udp_origin origin([&stranger](const udp_port&, const udp_arrival& arrival) {
    stranger.send_to(arrival.from, arrival.bytes);
  });
  rig_.loop.run(hear_a_stranger(&rig_, origin.port(), stranger.port()));
}

awaitable<void> keep_flows_apart(relay_rig* rig, std::uint16_t origin) {
  const auto relay = rig->make_relay();
  for (std::uint64_t flow = 1; flow <= 20; ++flow) {
    EXPECT_TRUE(
        relay->send({.flow = flow, .peer = loopback_target(origin), .payload = pattern(flow)}));
  }
  EXPECT_TRUE(co_await hears(rig, 20));
  for (const auto& each : rig->sink.all) {
    EXPECT_EQ(each.payload, pattern(each.flow));
  }
  EXPECT_EQ(rig->engine.flows(), 20U);
}

TEST_P(RealNodeUdp, FlowsToOneTargetAreKeptApart) {
  const udp_origin origin(echo_datagram);
  rig_.loop.run(keep_flows_apart(&rig_, origin.port()));
}

INSTANTIATE_TEST_SUITE_P(EachCipher, RealNodeUdp, ::testing::ValuesIn(httvps::testing::all_methods),
                         [](const auto& chosen) {
                           auto name = std::string(shadowsocks::name_of(chosen.param));
                           std::erase(name, '-');
                           return name;
                         });

base::result<> send_from(datagram_relay& relay, std::uint64_t flow) {
  return relay.send({.flow = flow, .peer = loopback_target(53), .payload = pattern(10)});
}

TEST(DatagramRelay, MappingLivesSixtySecondsAfterItsLastPacket) {
  const udp_port node;
  relay_rig rig(make_node(key_for(node.port())));
  const auto relay = rig.make_relay();
  EXPECT_EQ(relay->deadline(), std::nullopt);
  ASSERT_TRUE(send_from(*relay, 1));
  rig.clock.advance(30s);
  ASSERT_TRUE(send_from(*relay, 2));
  EXPECT_EQ(relay->deadline(), rig.clock.steady_now() + 30s);
  rig.clock.advance(30s);
  relay->tick(rig.clock.steady_now() - 1ms);
  EXPECT_EQ(relay->flows(), 2U);
  relay->tick(rig.clock.steady_now());
  EXPECT_EQ(relay->flows(), 1U);
  EXPECT_EQ(rig.engine.flows(), 1U);
}

TEST(DatagramRelay, SessionWithTooManyFlowsLosesItsOldest) {
  const udp_port node;
  relay_rig rig(make_node(key_for(node.port())), {.flows_of_session = 2});
  const auto relay = rig.make_relay();
  for (std::uint64_t flow = 1; flow <= 3; ++flow) {
    rig.clock.advance(1s);
    ASSERT_TRUE(send_from(*relay, flow));
  }
  EXPECT_EQ(relay->flows(), 2U);
  EXPECT_EQ(relay->deadline(), rig.clock.steady_now() + 59s);
}

TEST(DatagramRelay, FullProcessRefusesTheFirstFlowOfAnotherSession) {
  const udp_port node;
  relay_rig rig(make_node(key_for(node.port())), {.flows = 2});
  auto first = rig.make_relay();
  const auto second = rig.make_relay();
  for (std::uint64_t flow = 1; flow <= 3; ++flow) {
    ASSERT_TRUE(send_from(*first, flow));
  }
  EXPECT_EQ(rig.engine.flows(), 2U);
  EXPECT_EQ(send_from(*second, 1).error(), outline_errc::datagram_flows_exhausted);
  first.reset();
  EXPECT_EQ(rig.engine.flows(), 0U);
  EXPECT_TRUE(send_from(*second, 1));
}

TEST(DatagramRelay, WhatCannotBeSentIsNamed) {
  const udp_port node;
  relay_rig rig(make_node(key_for(node.port())));
  const auto relay = rig.make_relay();
  const auto longest = pattern(datagram_payload_most + 1);
  EXPECT_EQ(relay->send({.flow = 1, .peer = loopback_target(53), .payload = longest}).error(),
            outline_errc::datagram_too_long);
  EXPECT_TRUE(relay->send({.flow = 1,
                           .peer = loopback_target(53),
                           .payload = base::byte_view(longest).first(datagram_payload_most)}));
  EXPECT_EQ(relay->send({.flow = 1, .peer = loopback_target(0), .payload = {}}).error(),
            shadowsocks::errc::malformed_target);
  relay->close();
  EXPECT_EQ(send_from(*relay, 1).error(), outline_errc::sending_ended);
}

awaitable<void> drop_garbage(relay_rig* rig, std::size_t kinds) {
  const auto relay = rig->make_relay();
  EXPECT_TRUE(send_from(*relay, 1));
  EXPECT_TRUE(co_await hears(rig, 1));
  EXPECT_EQ(relay->counts().dropped_invalid, kinds);
  EXPECT_EQ(rig->sink.all.front().payload, pattern(5));
}

TEST(DatagramRelay, GarbageOfTheNodeIsDroppedAndCounted) {
  shadowsocks::openssl_engine cipher;
  constexpr auto method = shadowsocks::cipher_method::aes_256_gcm;
  const auto password = base::secret_bytes::from_text(httvps::testing::server_password);
  shadowsocks::packet_codec codec(cipher, shadowsocks::derive_master_key(method, password).value());
  const auto sealed = [&codec](std::size_t size) {
    const auto to = shadowsocks::encoded_target::from(loopback_target(53)).value();
    const auto salt = shadowsocks::make_salt(method, {}, base::secure_random()).value();
    base::byte_vector out(codec.sealed_size(to, size));
    codec.seal({.with = salt, .to = to, .payload = pattern(size)}, out).value();
    return out;
  };
  const udp_origin node([&sealed](const udp_port& place, const udp_arrival& arrival) {
    place.send_to(arrival.from, {});
    place.send_to(arrival.from, pattern(47));
    place.send_to(arrival.from, pattern(1000));
    place.send_to(arrival.from, pattern(60'000));
    place.send_to(arrival.from, sealed(datagram_payload_most + 1));
    place.send_to(arrival.from, sealed(5));
  });
  relay_rig rig(make_node(key_for(node.port())));
  rig.loop.run(drop_garbage(&rig, 5));
}

awaitable<void> outlive_a_closed_port(relay_rig* rig) {
  const auto relay = rig->make_relay();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(send_from(*relay, 1));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  EXPECT_EQ(relay->flows(), 1U);
  EXPECT_GE(relay->counts().dropped_unreachable, 1U);
}

TEST(DatagramRelay, NodeThatIsDownCostsPacketsOnly) {
  relay_rig rig(make_node(key_for(httvps::testing::free_port())));
  rig.loop.run(outlive_a_closed_port(&rig));
}

shared_node named_node(std::uint16_t port) {
  auto key = key_for(port);
  key.host = "node.invalid";
  return make_node(std::move(key));
}

awaitable<void> wait_for_the_lookup(relay_rig* rig) {
  const auto relay = rig->make_relay();
  EXPECT_TRUE(send_from(*relay, 1));
  const auto limit = soon();
  while (relay->flows() > 0 && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  EXPECT_EQ(relay->flows(), 0U);
  EXPECT_EQ(rig->engine.flows(), 0U);
  EXPECT_EQ(relay->counts().dropped_unreachable, 1U);
}

TEST(DatagramRelay, NodeWithoutAddressDropsItsPackets) {
  relay_rig rig(named_node(443));
  rig.loop.run(wait_for_the_lookup(&rig));
}

awaitable<void> send_during_the_lookup(relay_rig* rig, const udp_origin* node) {
  const auto relay = rig->make_relay();
  EXPECT_TRUE(send_from(*relay, 1));
  EXPECT_TRUE(send_from(*relay, 1));
  EXPECT_EQ(rig->sink.sent, 0U);
  const auto limit = soon();
  while (node->received() < 2 && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  EXPECT_EQ(node->received(), 2U);
  EXPECT_EQ(rig->sink.sent, 20U);
}

TEST(DatagramRelay, PacketsWaitForTheLookupOfTheNode) {
  const udp_origin node([](const udp_port&, const udp_arrival&) {});
  const auto named = named_node(443);
  named->store_addresses({{.host = "127.0.0.1", .port = node.port()}}, {});
  relay_rig rig(named);
  rig.loop.run(send_during_the_lookup(&rig, &node));
}

std::size_t sockets_towards(std::uint16_t port) {
  const auto wanted = fmt::format("0100007F:{:04X}", port);
  std::ifstream table("/proc/net/udp");
  std::size_t count = 0;
  for (std::string line; std::getline(table, line);) {
    std::string slot;
    std::string local;
    std::string remote;
    std::istringstream(line) >> slot >> local >> remote;
    count += remote == wanted ? 1U : 0U;
  }
  return count;
}

awaitable<void> evict_during_the_lookup(relay_rig* rig, const udp_origin* node) {
  const auto relay = rig->make_relay();
  EXPECT_TRUE(send_from(*relay, 1));
  EXPECT_TRUE(send_from(*relay, 2));
  const auto limit = soon();
  while (node->received() < 1 && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  static_cast<void>(co_await net::sleep_until(net::deadline_after(20ms)));
  EXPECT_EQ(node->received(), 1U);
  EXPECT_EQ(relay->counts().dropped_unreachable, 1U);
  EXPECT_EQ(rig->engine.flows(), 1U);
  EXPECT_EQ(sockets_towards(node->port()), 1U);
}

TEST(DatagramRelay, FlowThatEndsDuringTheLookupOpensNoSocket) {
  const udp_origin node([](const udp_port&, const udp_arrival&) {});
  const auto named = named_node(443);
  named->store_addresses({{.host = "127.0.0.1", .port = node.port()}}, {});
  relay_rig rig(named, {.flows_of_session = 1});
  rig.loop.run(evict_during_the_lookup(&rig, &node));
}

}
}
