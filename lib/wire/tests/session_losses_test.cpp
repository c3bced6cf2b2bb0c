#include <gtest/gtest.h>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionCarriers, SurvivorTakesOverWhatWasLost) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(start.id, 100'000);
  fleet.client.session.finish(start.id, fleet.now);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 0U);
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 100'000U);
  EXPECT_TRUE(fleet.gateway.streams[start.id].finished);
  EXPECT_FALSE(fleet.gateway.streams[start.id].corrupt);
  EXPECT_EQ(fleet.gateway.opened.size(), 1U);
  EXPECT_TRUE(fleet.client.session.round_trip());
}

TEST(SessionCarriers, ReportSendsOnlyWhatIsMissingAtOnce) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.client.send_pattern(start.id, 40'000);
  fleet.write(fleet.client);
  fleet.deliver();
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(start.id, 30'000);
  fleet.write(fleet.client);
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 40'000U);
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 70'000U);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 30'000U);
  EXPECT_EQ(count_frames<carrier_frame>(fleet.sent_down(2)), 1U);
}

TEST(SessionCarriers, WithoutAReportTheSenderSendsAgainAfterItsPatience) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(start.id, 70'000);
  fleet.write(fleet.client);
  fleet.wire_of(2).down_frozen = true;
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  fleet.pass(loss_report_patience - 1ms);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 0U);
  fleet.pass(1ms);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 70'000U);
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 70'000U);
}

TEST(SessionCarriers, FewLostBytesGoAgainUnasked) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(start.id, repeated_unasked_most);
  fleet.write(fleet.client);
  fleet.wire_of(2).down_frozen = true;
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  fleet.write(fleet.client);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), repeated_unasked_most);
}

TEST(SessionCarriers, BytesBehindLostOnesWaitForTheReport) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.wire_of(1).up_frozen = true;
  fleet.client.send_pattern(start.id, 70'000);
  fleet.write(fleet.client);
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  fleet.client.send_pattern(start.id, 5000);
  fleet.write(fleet.client);
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 0U);
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(payload_in(fleet.sent_up(2)), 75'000U);
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 75'000U);
}

TEST(SessionCarriers, NewBytesDoNotWaitForTheReport) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.client.session.detach(carrier_number{1}, fleet.now);
  fleet.client.send_pattern(start.id, 500);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 500U);
}

TEST(SessionCarriers, AcknowledgementBelowWhatWasFreedIsAResumeGap) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.client.send_pattern(id, 20'000);
  fleet.pass(2s);
  fleet.lose(1);
  fleet.establish(2);
  fleet.client.send_pattern(id, 10);
  fleet.pass(2s);
  const auto stale = acknowledgement_of(id, 10'000);
  EXPECT_TRUE(fleet.client.session.receive(carrier_number{2}, stale, fleet.client, fleet.now));
  fleet.client.drain_events();
  EXPECT_EQ(fleet.client.streams[id].reset, errc::resume_gap);
  EXPECT_FALSE(fleet.client.session.ended());
}

TEST(SessionCarriers, StaleAcknowledgementBesideAnotherCarrierIsIgnored) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.client.send_pattern(start.id, 20'000);
  fleet.pass(2s);
  const auto stale = acknowledgement_of(start.id, 10'000);
  EXPECT_TRUE(fleet.client.session.receive(carrier_number{2}, stale, fleet.client, fleet.now));
  fleet.client.drain_events();
  EXPECT_FALSE(fleet.client.streams[start.id].reset);
}

TEST(SessionCarriers, MovedStreamIsOpenedAgainBeforeItsBytes) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto moved = fleet.client.session.open(web, {}, fleet.now).value();
  fleet.wire_of(2).up_frozen = true;
  fleet.write(fleet.client);
  fleet.client.session.detach(carrier_number{2}, fleet.now);
  fleet.client.send_pattern(moved, 1000);
  fleet.exchange();
  EXPECT_FALSE(fleet.gateway.session.ended());
  EXPECT_EQ(fleet.gateway.opened.size(), 2U);
  EXPECT_EQ(fleet.gateway.streams[moved].received, 1000U);
}

TEST(SessionCarriers, EndWhoseAcknowledgementWasLostOnAnotherCarrierIsRepeated) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.client.session.finish(start.id, fleet.now);
  fleet.pass(1s);
  fleet.forget_logs();
  fleet.gateway.session.retire(carrier_number{1}, 0, fleet.now);
  fleet.wire_of(1).down_frozen = true;
  fleet.gateway.session.finish(start.id, fleet.now);
  fleet.write(fleet.gateway);
  fleet.wire_of(1).up_frozen = true;
  fleet.deliver();
  EXPECT_EQ(fleet.client.session.open_streams(), 0U);
  fleet.now += acknowledge_delay;
  fleet.client.session.tick(fleet.now);
  static_cast<void>(produce_all(fleet.client, carrier_number{1}, fleet.now));
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.session.open_streams(), 1U);
  fleet.lose(1);
  fleet.pass(1s);
  EXPECT_EQ(fleet.gateway.session.open_streams(), 0U);
}

TEST(SessionCarriers, LostStopIsRepeated) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.wire_of(1).up_frozen = true;
  fleet.client.session.stop(start.id, errc::cancelled, fleet.now);
  fleet.exchange();
  EXPECT_FALSE(fleet.gateway.streams[start.id].stopped);
  fleet.lose(1);
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.streams[start.id].stopped, errc::cancelled);
}

}
}
