#include <gtest/gtest.h>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionCarriers, UnansweredCarrierIsSuspectAfterThreeHundredMillisecondsAndNotBefore) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.freeze(1);
  fleet.client.send_pattern(start.id, 10'000);
  fleet.pass(suspicion_least - 1ms);
  EXPECT_FALSE(first_of<carrier_suspected>(fleet.client));
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 0U);
  fleet.pass(1ms);
  EXPECT_EQ(first_of<carrier_suspected>(fleet.client), carrier_number{1});
  EXPECT_EQ(fleet.gateway.streams[start.id].received, 10'000U);
  EXPECT_TRUE(facts_of(fleet.gateway.session.carriers(), 1).suspect);
  EXPECT_FALSE(facts_of(fleet.gateway.session.carriers(), 2).suspect);
}

TEST(SessionCarriers, CarrierWhoseBytesTheNetworkTakesIsNotSuspectForTwoSeconds) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.freeze(1);
  fleet.client.send_pattern(start.id, 10'000);
  fleet.pass(1ms);
  EXPECT_TRUE(fleet.client.session.awaits_answer(carrier_number{1}));
  EXPECT_FALSE(fleet.client.session.awaits_answer(carrier_number{2}));
  for (auto waited = 200ms; waited < suspicion_while_heard; waited += 200ms) {
    fleet.client.session.note_taken(carrier_number{1}, fleet.now);
    fleet.pass(199ms);
    EXPECT_FALSE(first_of<carrier_suspected>(fleet.client));
  }
  fleet.client.session.note_taken(carrier_number{1}, fleet.now);
  fleet.pass(suspicion_least);
  EXPECT_EQ(first_of<carrier_suspected>(fleet.client), carrier_number{1});
}

base::duration answer_pings_after(carrier_fleet& fleet, base::duration round_trip) {
  for (int i = 0; i < 200; ++i) {
    fleet.now += 300ms;
    fleet.client.session.tick(fleet.now);
    fleet.client.send_pattern(stream_id{1}, 10);
    fleet.write(fleet.client);
    fleet.now += round_trip;
    fleet.exchange();
  }
  return fleet.client.session.round_trip().value_or(base::duration(0));
}

TEST(SessionCarriers, PatienceGrowsWithTheRoundTrip) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.open(1);
  const auto smoothed = answer_pings_after(fleet, 200ms);
  EXPECT_GT(smoothed, 150ms);
  fleet.pass(1s);
  const auto patience = 4 * *fleet.client.session.round_trip();
  fleet.freeze(1);
  fleet.client.send_pattern(stream_id{1}, 10'000);
  fleet.pass(patience - 1ms);
  EXPECT_FALSE(first_of<carrier_suspected>(fleet.client));
  fleet.pass(2ms);
  EXPECT_TRUE(first_of<carrier_suspected>(fleet.client));
}

TEST(SessionCarriers, CarrierWhoseAcknowledgementsProgressIsNotSuspect) {
  two_carriers start;
  auto& fleet = start.fleet;
  fleet.freeze(1);
  fleet.client.send_pattern(start.id, 100'000);
  fleet.exchange();
  for (byte_count i = 1; i <= 10; ++i) {
    fleet.pass(200ms);
    const auto progress = acknowledgement_of(start.id, i * 1000);
    EXPECT_TRUE(fleet.client.session.receive(carrier_number{1}, progress, fleet.client, fleet.now));
  }
  EXPECT_FALSE(first_of<carrier_suspected>(fleet.client));
  fleet.pass(1s);
  EXPECT_TRUE(first_of<carrier_suspected>(fleet.client));
}

TEST(SessionCarriers, ClientAsksAfterASecondOfSilenceDuringATransferOnly) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.pass(5s);
  fleet.gateway.send_pattern(id, 1000);
  fleet.pass(500ms);
  fleet.forget_logs();
  fleet.pass(silence_before_probe - 501ms);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), 0U);
  fleet.pass(500ms);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), 1U);
  fleet.pass(10s);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), 3U);
}

TEST(SessionCarriers, QuestionsAfterSilenceGrowRarerAndEnd) {
  session_limits limits;
  limits.keepalive_least = limits.keepalive_most = 10min;
  carrier_fleet fleet(limits);
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.gateway.send_pattern(id, 1000);
  fleet.pass(500ms);
  fleet.forget_logs();
  fleet.pass(60s);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), std::size_t{silent_probes_most});
  fleet.pass(60s);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), std::size_t{silent_probes_most});
}

TEST(SessionCarriers, OpenThatIsNeverAnsweredIsAskedAfter) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.pass(500ms);
  fleet.forget_logs();
  fleet.freeze(1);
  fleet.open(1);
  fleet.pass(silence_before_probe + 600ms);
  EXPECT_EQ(count_frames<ping_frame>(fleet.sent_up(1)), 1U);
}

TEST(SessionCarriers, CarrierGivenUpKeepsNoStreamsOnceAnotherServes) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto moved = fleet.open(2);
  fleet.pass(300ms);
  fleet.freeze(2);
  fleet.gateway.send_pattern(moved, 60'000);
  fleet.pass(3s);
  ASSERT_EQ(first_of<carrier_suspected>(fleet.gateway), carrier_number{2});
  fleet.gateway.session.retire(carrier_number{1}, 0, fleet.now);
  fleet.gateway.send_pattern(moved, 60'000);
  fleet.establish(3);
  fleet.pass(1s);
  fleet.gateway.send_pattern(moved, 60'000);
  fleet.pass(1s);
  EXPECT_EQ(fleet.client.streams[moved].received, fleet.gateway.streams[moved].sent);
}

TEST(SessionCarriers, CarrierThatBringsAcknowledgementsOnlyIsProbedToo) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto second = fleet.open(2);
  fleet.pass(1s);
  fleet.freeze(1);
  fleet.gateway.session.stop(second, errc::cancelled, fleet.now);
  for (int i = 0; i < 8; ++i) {
    fleet.gateway.send_pattern(second, 20'000);
    fleet.pass(250ms);
  }
  EXPECT_EQ(first_of<carrier_suspected>(fleet.client), carrier_number{1});
}

TEST(SessionCarriers, AcknowledgementsKeepAwayFromASuspectCarrier) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto second = fleet.open(2);
  fleet.freeze(1);
  fleet.client.send_pattern(start.id, 100);
  fleet.pass(suspicion_least);
  ASSERT_TRUE(facts_of(fleet.client.session.carriers(), 1).suspect);
  fleet.forget_logs();
  fleet.gateway.send_pattern(second, 100'000);
  fleet.pass(1s);
  EXPECT_EQ(count_frames<ack_frame>(fleet.sent_up(1)), 0U);
  EXPECT_GT(count_frames<ack_frame>(fleet.sent_up(2)), 0U);
}

TEST(SessionCarriers, ReportOfACarrierCountsOnce) {
  two_carriers start;
  auto& fleet = start.fleet;
  const auto report =
      encode(carrier_frame{.carrier = carrier_number{1}, .suspect = carrier_number{1}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(fleet.gateway.session.receive(carrier_number{2}, report, fleet.gateway, fleet.now));
  }
  fleet.exchange();
  EXPECT_EQ(count_frames<carrier_frame>(fleet.sent_down(2)), 1U);
  EXPECT_EQ(count_events<carrier_suspected>(fleet.gateway), 1U);
  EXPECT_FALSE(fleet.gateway.session.ended());
}

TEST(SessionCarriers, ReportThatNamesTwoCarriersIsMalformed) {
  two_carriers start;
  EXPECT_EQ(inject(start.fleet.pair, start.fleet.gateway,
                   carrier_frame{.carrier = carrier_number{1}, .suspect = carrier_number{2}}),
            errc::frame_malformed);
}

}
}
