#include <gtest/gtest.h>

#include <algorithm>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionMoves, OpenGoesAgainOnTheCarrierToWhichItsStreamMoves) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.wire_of(1).up_frozen = true;
  const auto id = fleet.client.session.open(web, {}, fleet.now).value_or(stream_id{});
  fleet.write(fleet.client);
  fleet.establish(2);
  fleet.client.session.retire(carrier_number{1}, 0, fleet.now);
  fleet.client.send_pattern(id, 1000);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.opened.size(), 1U);
  EXPECT_EQ(fleet.gateway.streams[id].received, 1000U);
  EXPECT_FALSE(fleet.gateway.session.ended());
}

TEST(SessionMoves, AcknowledgementsLostWithTheirCarrierGoAgainBeforeItsReport) {
  constexpr byte_count taken = 100'000;
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.establish(2);
  fleet.pass(1s);
  fleet.wire_of(1).down_frozen = true;
  fleet.client.send_pattern(id, taken);
  fleet.write(fleet.client);
  fleet.deliver();
  fleet.now += acknowledge_delay;
  fleet.gateway.session.tick(fleet.now);
  fleet.write(fleet.gateway);
  ASSERT_GT(count_frames<ack_frame>(fleet.sent_down(1)), 0U);
  fleet.forget_logs();
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(fleet.client.session.unacknowledged(), 0U);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 0U);
}

TEST(SessionMoves, FinWaitsWithTheBytesThatWaitForAReport) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.establish(2);
  fleet.pass(1s);
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(id, 70'000);
  fleet.write(fleet.client);
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  fleet.client.send_pattern(id, 5000);
  fleet.client.session.finish(id, fleet.now);
  fleet.write(fleet.client);
  EXPECT_EQ(count_frames<fin_frame>(fleet.sent_up(2)), 0U);
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[id].received, 75'000U);
  EXPECT_TRUE(fleet.gateway.streams[id].finished);
}

TEST(SessionMoves, CarrierSaysNothingMoreAfterItsLastWord) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.gateway.send_pattern(id, 1000);
  fleet.write(fleet.gateway);
  fleet.client.session.retire(carrier_number{1}, 0, fleet.now);
  fleet.write(fleet.client);
  fleet.deliver();
  fleet.now += acknowledge_delay;
  fleet.client.session.tick(fleet.now);
  EXPECT_EQ(fleet.client.streams[id].received, 1000U);
  const auto said = frames_in(produce_all(fleet.client, carrier_number{1}, fleet.now));
  EXPECT_EQ(count_frames<pong_frame>(said), said.size());
  EXPECT_FALSE(fleet.client.session.has_output(carrier_number{1}, fleet.now));
}

}
}
