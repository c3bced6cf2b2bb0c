#include <gtest/gtest.h>

#include <algorithm>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

template <typename Event>
std::optional<carrier_number> first_of(const machine& side) {
  for (const auto& each : side.other_events) {
    if (const auto* found = std::get_if<Event>(&each)) {
      return found->carrier;
    }
  }
  return std::nullopt;
}

struct two_carriers {
  two_carriers() {
    fleet.establish(1);
    id = fleet.open(1);
    fleet.establish(2);
    fleet.pass(1s);
    fleet.forget_logs();
  }

  carrier_fleet fleet;
  stream_id id{};
};

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
