#include <gtest/gtest.h>

#include <algorithm>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionCarriers, RetirementByTheClientEndsTheCarrierOnBothSides) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.client.session.retire(carrier_number{1}, 12'345, fleet.now);
  fleet.client.send_pattern(start.id, 50'000);
  fleet.exchange();
  EXPECT_TRUE(facts_of(fleet.gateway.session.carriers(), 1).retiring);
  EXPECT_EQ(first_of<carrier_retired>(fleet.client), carrier_number{1});
  EXPECT_EQ(payload_in(fleet.sent_up(1)), 0U);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 50'000U);
  EXPECT_EQ(std::get<carrier_frame>(fleet.sent_up(1).back()).bytes_sent, 12'345U);
  fleet.gateway.send_pattern(start.id, 50'000);
  fleet.exchange();
  EXPECT_EQ(payload_in(fleet.sent_down(1)), 0U);
  EXPECT_EQ(fleet.client.streams[start.id].received, 50'000U);
  fleet.pass(1s);
  EXPECT_FALSE(fleet.client.session.has_output(carrier_number{1}, fleet.now));
  fleet.lose(1);
  fleet.pass(1s);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 50'000U);
}

TEST(SessionCarriers, RetirementByTheGatewayIsFollowedByTheClient) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.gateway.session.retire(carrier_number{1}, 0, fleet.now);
  fleet.exchange();
  EXPECT_EQ(first_of<carrier_retired>(fleet.client), carrier_number{1});
  EXPECT_TRUE(facts_of(fleet.client.session.carriers(), 1).retiring);
  EXPECT_FALSE(first_of<carrier_retired>(fleet.gateway));
}

TEST(SessionCarriers, CarrierOverTheCapRetiresTheLowestWhenItIsReady) {
  session_limits limits;
  limits.carriers = 2;
  carrier_fleet fleet(limits);
  fleet.establish(1);
  fleet.establish(2);
  fleet.dial(3);
  EXPECT_FALSE(facts_of(fleet.client.session.carriers(), 1).retiring);
  fleet.exchange();
  EXPECT_TRUE(facts_of(fleet.gateway.session.carriers(), 1).retiring);
  EXPECT_EQ(first_of<carrier_retired>(fleet.client), carrier_number{1});
  EXPECT_FALSE(facts_of(fleet.client.session.carriers(), 2).retiring);
}

TEST(SessionCarriers, StreamOpenedOnARetiringCarrierAnswersOnAnother) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto fresh = fleet.client.session.open(web, {}, fleet.now).value();
  fleet.write(fleet.client);
  fleet.gateway.session.retire(carrier_number{2}, 0, fleet.now);
  fleet.exchange();
  ASSERT_EQ(fleet.gateway.opened.size(), 2U);
  fleet.gateway.send_pattern(fresh, 1000);
  fleet.exchange();
  EXPECT_EQ(fleet.client.streams[fresh].received, 1000U);
  EXPECT_EQ(payload_in(fleet.sent_down(1)), 1000U);
  EXPECT_FALSE(fleet.gateway.session.has_output(carrier_number{2}, fleet.now));
}

TEST(SessionCarriers, RefusalOfASecondCarrierCostsThatCarrierOnly) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.dial(2);
  const auto refusal = encode(refuse_frame{to_wire(errc::carrier_limit), 0, "Enough."});
  EXPECT_TRUE(fleet.client.session.receive(carrier_number{2}, refusal, fleet.client, fleet.now));
  fleet.client.drain_events();
  EXPECT_EQ(first_of<carrier_failed>(fleet.client), carrier_number{2});
  fleet.client.session.detach(carrier_number{2}, fleet.now);
  fleet.client.send_pattern(id, 1000);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[id].received, 1000U);
  EXPECT_FALSE(fleet.client.session.ended());
}

TEST(SessionCarriers, HelloForbidsCreationOnceWelcomeWasHeard) {
  carrier_fleet fleet;
  fleet.dial(1);
  fleet.dial(2);
  fleet.write(fleet.client);
  EXPECT_EQ(std::get<hello_frame>(fleet.sent_up(2).front()).may_create, creation::permitted);
  fleet.exchange();
  fleet.establish(3);
  EXPECT_EQ(std::get<hello_frame>(fleet.sent_up(3).front()).may_create, creation::forbidden);
}

TEST(SessionCarriers, LostBytesWaitForWelcomeAndOpensDoNot) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(1s);
  fleet.freeze(1);
  fleet.client.send_pattern(id, 20'000);
  fleet.write(fleet.client);
  fleet.lose(1);
  fleet.dial(2);
  ASSERT_TRUE(fleet.client.session.open(web, {}, fleet.now));
  fleet.write(fleet.client);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 0U);
  EXPECT_EQ(count_frames<open_frame>(fleet.sent_up(2)), 1U);
  fleet.exchange();
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 20'000U);
  EXPECT_EQ(fleet.gateway.streams[id].received, 20'000U);
}

TEST(SessionCarriers, BytesThatWelcomeAcknowledgesAreNotSentAgain) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.client.send_pattern(id, 20'000);
  fleet.write(fleet.client);
  fleet.deliver();
  fleet.lose(1);
  fleet.establish(2);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 0U);
  EXPECT_EQ(fleet.client.session.unacknowledged(), 0U);
}

TEST(SessionCarriers, GreetingListsOnlyStreamsThePeerMayNotKnowOf) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto known = fleet.open(1);
  const auto fresh = fleet.open(1);
  fleet.gateway.send_pattern(known, 1000);
  fleet.pass(2s);
  fleet.gateway.send_pattern(fresh, 1000);
  fleet.exchange();
  fleet.lose(1);
  fleet.establish(2);
  const auto frames = fleet.sent_up(2);
  const auto& hello = std::get<hello_frame>(frames.front());
  ASSERT_EQ(hello.streams.size(), 1U);
  EXPECT_EQ((*hello.streams.begin()).stream, fresh);
}

bool hold_bytes_of(const std::vector<frame>& frames, stream_id id) {
  return std::ranges::any_of(frames, [id](const auto& each) {
    const auto* data = std::get_if<data_frame>(&each);
    const auto* open = std::get_if<open_frame>(&each);
    return (data != nullptr && data->stream == id) ||
           (open != nullptr && open->stream == id && !open->payload.empty());
  });
}

TEST(SessionCarriers, FirstFlightHoldsBytesOfEveryStream) {
  carrier_fleet fleet;
  std::vector<stream_id> ids;
  fleet.dial(1);
  for (int i = 0; i < 12; ++i) {
    ids.push_back(fleet.client.session.open(web, {}, fleet.now).value());
    fleet.client.send_pattern(ids.back(), 60'000);
  }
  base::byte_vector flight(32'768);
  flight.resize(fleet.client.session.produce(carrier_number{1}, flight, fleet.now));
  const auto frames = frames_in(flight);
  for (const auto id : ids) {
    EXPECT_TRUE(hold_bytes_of(frames, id)) << static_cast<std::uint64_t>(id);
  }
}

TEST(SessionCarriers, FirstFlightOfASurvivorHoldsBytesOfEveryStreamThatMoved) {
  carrier_fleet fleet;
  std::vector<stream_id> ids;
  fleet.establish(1);
  for (int i = 0; i < 12; ++i) {
    ids.push_back(fleet.open(1));
  }
  fleet.establish(2);
  const auto other = fleet.open(2);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(fleet.client.send_pattern(other, 60'000), 60'000U);
    fleet.exchange();
  }
  fleet.wire_of(1).up_frozen = true;
  for (const auto id : ids) {
    EXPECT_EQ(fleet.client.send_pattern(id, 60'000), 60'000U);
  }
  fleet.write(fleet.client);
  fleet.lose(1);
  fleet.write(fleet.gateway);
  fleet.deliver();
  base::byte_vector flight(32'768);
  flight.resize(fleet.client.session.produce(carrier_number{2}, flight, fleet.now));
  const auto frames = frames_in(flight);
  for (const auto id : ids) {
    EXPECT_TRUE(hold_bytes_of(frames, id)) << static_cast<std::uint64_t>(id);
  }
}

}
}
