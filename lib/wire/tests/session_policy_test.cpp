#include <gtest/gtest.h>

#include "carrier_fleet.hpp"
#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

constexpr auto without_policies = static_cast<std::uint64_t>(capability::several_carriers) |
                                  static_cast<std::uint64_t>(capability::datagrams);

std::vector<policy_received> policies_of(const machine& side) {
  std::vector<policy_received> heard;
  for (const auto& each : side.other_events) {
    if (const auto* policy = std::get_if<policy_received>(&each)) {
      heard.push_back(*policy);
    }
  }
  return heard;
}

TEST(SessionPolicy, ReachesTheClientOnceAndAgainWhenItChanges) {
  machine_pair pair;
  pair.gateway.session.publish_policy(3, "first");
  pair.connect();
  pair.settle_for(3s);
  ASSERT_EQ(policies_of(pair.client).size(), 1U);
  EXPECT_EQ(policies_of(pair.client)[0].version, 3U);
  EXPECT_EQ(policies_of(pair.client)[0].document, "first");
  pair.gateway.session.publish_policy(4, "second");
  EXPECT_TRUE(pair.gateway.session.has_output(pair.carrier, pair.now));
  pair.settle_for(3s);
  ASSERT_EQ(policies_of(pair.client).size(), 2U);
  EXPECT_EQ(policies_of(pair.client)[1].version, 4U);
  EXPECT_FALSE(pair.failure);
}

TEST(SessionPolicy, OfALowerOrTheSameVersionIsNotSaid) {
  machine_pair pair;
  pair.gateway.session.publish_policy(3, "first");
  pair.connect();
  pair.gateway.session.publish_policy(3, "again");
  pair.gateway.session.publish_policy(2, "older");
  pair.settle_for(1s);
  EXPECT_EQ(policies_of(pair.client).size(), 1U);
}

TEST(SessionPolicy, ThatIsTooLongIsNotSaid) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.publish_policy(1, std::string(policy_most + 1, 'x'));
  pair.settle_for(1s);
  EXPECT_TRUE(policies_of(pair.client).empty());
  pair.gateway.session.publish_policy(1, std::string(policy_most, 'x'));
  pair.settle_for(1s);
  ASSERT_EQ(policies_of(pair.client).size(), 1U);
  EXPECT_EQ(policies_of(pair.client)[0].document.size(), policy_most);
}

TEST(SessionPolicy, IsSaidAgainWhenTheCarrierItWentOnIsLost) {
  carrier_fleet fleet;
  fleet.gateway.session.publish_policy(5, "shape");
  fleet.establish(1);
  fleet.exchange();
  const auto before = policies_of(fleet.client).size();
  EXPECT_EQ(before, 1U);
  fleet.lose(1);
  fleet.establish(2);
  fleet.exchange();
  EXPECT_EQ(policies_of(fleet.client).size(), before + 1);
}

TEST(SessionPolicy, IsNotSaidAgainOnceALaterPingWasAnswered) {
  carrier_fleet fleet;
  fleet.gateway.session.publish_policy(5, "shape");
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(1s);
  fleet.gateway.send_pattern(id, 100);
  fleet.pass(1s);
  fleet.lose(1);
  fleet.establish(2);
  fleet.exchange();
  EXPECT_EQ(policies_of(fleet.client).size(), 1U);
}

TEST(SessionPolicy, IsNotForAClientWithoutTheCapability) {
  carrier_fleet fleet;
  fleet.gateway.session.publish_policy(5, "shape");
  const auto attached = fleet.gateway.session.attach(
      {.carrier = carrier_number{1}, .capabilities = without_policies}, fleet.now);
  ASSERT_TRUE(attached);
  auto flight = frames_in(produce_all(fleet.gateway, carrier_number{1}, fleet.now));
  EXPECT_EQ(count_frames<welcome_frame>(flight), 1U);
  flight = frames_in(produce_all(fleet.gateway, carrier_number{1}, fleet.now));
  EXPECT_EQ(count_frames<policy_frame>(flight), 0U);
}

TEST(SessionPolicy, FromAGatewayThatDidNotAgreeEndsTheSession) {
  machine_pair pair;
  ASSERT_TRUE(pair.client.session.attach({.carrier = pair.carrier}, pair.now));
  EXPECT_EQ(inject(pair, pair.client,
                   welcome_frame{.version = protocol_version, .capabilities = without_policies}),
            errc{});
  EXPECT_EQ(inject(pair, pair.client, policy_frame{.version = 1}), errc::frame_not_negotiated);
}

TEST(SessionPolicy, ClientHoldsNoMoreThanTheLastOneBehindItsOtherEvents) {
  machine_pair pair;
  ASSERT_TRUE(pair.client.session.attach({.carrier = pair.carrier}, pair.now));
  base::byte_vector bytes;
  base::append(
      bytes, encode(welcome_frame{.version = protocol_version, .capabilities = all_capabilities}));
  for (std::uint64_t version = 1; version <= 9; ++version) {
    base::append(bytes, encode(policy_frame{.version = version}));
  }
  ASSERT_TRUE(pair.client.session.receive(pair.carrier, bytes, pair.client, pair.now));
  std::vector<session_event> events;
  while (auto event = pair.client.session.poll_event()) {
    events.push_back(std::move(*event));
  }
  ASSERT_GE(events.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<session_established>(events.front()));
  ASSERT_TRUE(std::holds_alternative<policy_received>(events.back()));
  EXPECT_EQ(std::get<policy_received>(events.back()).version, 9U);
}

TEST(SessionKeepalive, ChangesForTheCarriersThatAreThere) {
  machine_pair pair;
  pair.connect();
  pair.client.session.use_keepalive({.least = 10s, .most = 10s});
  pair.settle_for(46s);
  const auto measured = pair.client.round_trips.size();
  pair.settle_for(30s);
  EXPECT_GE(pair.client.round_trips.size(), measured + 2);
}

}
}
