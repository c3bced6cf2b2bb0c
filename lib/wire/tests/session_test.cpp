#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(Session, GreetsAndEstablishes) {
  machine_pair pair;
  pair.connect();
  EXPECT_FALSE(pair.failure);
  EXPECT_TRUE(pair.client.session.established());
  ASSERT_FALSE(pair.client.other_events.empty());
  EXPECT_TRUE(std::holds_alternative<session_established>(pair.client.other_events[0]));
}

TEST(Session, TellsTheHostThatTheGatewayNames) {
  machine_pair pair;
  auto& named = pair.gateway;
  named.session =
      session({.role = role::gateway, .direct_host = "direct.test"}, named.pool, named.random);
  pair.connect();
  ASSERT_FALSE(pair.client.other_events.empty());
  const auto* fresh = std::get_if<session_established>(&pair.client.other_events[0]);
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->direct_host, "direct.test");
}

TEST(Session, OpenCarriesTargetAndFirstPayloadInOneFlight) {
  machine_pair pair;
  const auto attached = pair.client.session.attach({.carrier = pair.carrier}, pair.now);
  ASSERT_TRUE(attached);
  const auto id = pair.client.session.open(web, base::as_bytes("GET"), pair.now);
  ASSERT_TRUE(id);
  const auto flight = produce_all(pair.client, pair.carrier, pair.now);
  frame_reader reader;
  byte_view rest = flight;
  ASSERT_TRUE(std::holds_alternative<hello_frame>(**reader.next(rest)));
  const auto second = reader.next(rest);
  const auto& open = std::get<open_frame>(**second);
  EXPECT_EQ(open.target, web);
  EXPECT_EQ(base::as_text(open.payload), "GET");
}

TEST(Session, MovesBytesBothWaysAndForgetsTheStream) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  ASSERT_EQ(pair.gateway.opened.size(), 1U);
  for (int i = 0; i < 50; ++i) {
    pair.client.send_pattern(id, 100'000);
    pair.gateway.send_pattern(id, 130'000);
    pair.exchange();
  }
  pair.client.session.finish(id, pair.now);
  pair.gateway.session.finish(id, pair.now);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  const auto& up = pair.gateway.streams[id];
  const auto& down = pair.client.streams[id];
  EXPECT_EQ(up.received, pair.client.streams[id].sent);
  EXPECT_EQ(down.received, pair.gateway.streams[id].sent);
  EXPECT_GT(up.received, 1'000'000U);
  EXPECT_FALSE(up.corrupt || down.corrupt);
  EXPECT_TRUE(up.finished && down.finished);
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
  EXPECT_EQ(pair.gateway.session.open_streams(), 0U);
  EXPECT_EQ(pair.client.pool.used(), 0U);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(Session, HalfCloseKeepsTheOtherDirectionOpen) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.exchange();
  EXPECT_TRUE(pair.gateway.streams[id].finished);
  EXPECT_EQ(pair.gateway.send_pattern(id, 5000), 5000U);
  pair.exchange();
  EXPECT_EQ(pair.client.streams[id].received, 5000U);
  EXPECT_FALSE(pair.client.streams[id].finished);
}

TEST(Session, SenderStopsAtTheStreamWindowOfAStalledReader) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  for (int i = 0; i < 20; ++i) {
    pair.client.send_pattern(id, 100'000);
    pair.exchange();
  }
  EXPECT_EQ(pair.client.streams[id].sent, initial_stream_window);
  EXPECT_EQ(pair.client.session.send_room(id), 0U);
  EXPECT_EQ(pair.gateway.session.unread(), initial_stream_window);
}

TEST(Session, ReaderThatCatchesUpGetsEverythingAndReopensTheWindow) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, initial_stream_window);
  pair.exchange();
  pair.client.session.await_room(id, 1);
  pair.gateway.read_all(id, pair.now);
  pair.settle_for(300ms);
  EXPECT_EQ(pair.gateway.streams[id].received, initial_stream_window);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
  EXPECT_GE(pair.client.session.send_room(id), initial_stream_window);
  bool writable = false;
  for (const auto& event : pair.client.other_events) {
    writable = writable || std::holds_alternative<stream_writable>(event);
  }
  EXPECT_TRUE(writable);
}

TEST(Session, StalledStreamGivesItsCreditBackToTheSession) {
  machine_pair pair;
  pair.connect();
  pair.gateway.stalled = true;
  std::vector<stream_id> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(open_stream(pair));
    pair.client.send_pattern(ids.back(), initial_stream_window);
    pair.exchange();
  }
  pair.gateway.stalled = false;
  const auto fresh = open_stream(pair);
  EXPECT_EQ(pair.client.session.send_room(fresh), 0U);
  pair.settle_for(3s);
  EXPECT_EQ(pair.client.session.send_room(fresh), initial_stream_window);
}

TEST(Session, LargestStalledStreamIsResetPastTheHardLimit) {
  session_limits limits;
  limits.unread = 300 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.stalled = true;
  const auto big = open_stream(pair);
  pair.client.send_pattern(big, initial_stream_window);
  const auto small = open_stream(pair);
  pair.client.send_pattern(small, 100'000);
  pair.exchange();
  pair.settle_for(2s);
  EXPECT_EQ(pair.client.streams[big].reset, errc::slow_reader);
  EXPECT_FALSE(pair.client.streams[small].reset);
  EXPECT_LE(pair.gateway.session.unread(), limits.unread);
}

TEST(Session, AReadStreamIsSparedThoughItHoldsMoreThanTheStalledOne) {
  session_limits limits;
  limits.unread = 300 * base::kibibyte;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.stalled = true;
  const auto stalled = open_stream(pair);
  pair.client.send_pattern(stalled, 100'000);
  pair.exchange();
  pair.settle_for(1500ms);
  const auto read = open_stream(pair);
  pair.client.send_pattern(read, initial_stream_window);
  pair.exchange();
  pair.settle_for(400ms);
  EXPECT_EQ(pair.client.streams[stalled].reset, errc::slow_reader);
  EXPECT_FALSE(pair.client.streams[read].reset);
}

TEST(Session, ResetAfterDataIsDeliveredBehindTheLastByte) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.stalled = true;
  pair.gateway.send_pattern(id, 10'000);
  pair.gateway.session.fail_after_data(id, errc::target_unreachable_or_closed);
  pair.exchange();
  EXPECT_FALSE(pair.client.streams[id].reset);
  pair.client.read_all(id, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.client.streams[id].received, 10'000U);
  EXPECT_EQ(pair.client.streams[id].reset, errc::target_unreachable_or_closed);
}

TEST(Session, LocalAbortIsImmediateAndEndsBothDirections) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, 50'000);
  pair.exchange();
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_FALSE(pair.client.streams[id].reset);
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
  EXPECT_EQ(pair.gateway.session.open_streams(), 0U);
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(Session, ResetReturnsTheCreditOfWhatWasNeverSent) {
  machine_pair pair;
  pair.connect();
  pair.gateway.stalled = true;
  for (int i = 0; i < 40; ++i) {
    const auto id = open_stream(pair);
    pair.client.send_pattern(id, initial_stream_window);
    pair.exchange();
    pair.client.session.reset(id, errc::cancelled);
    pair.settle_for(300ms);
  }
  const auto fresh = open_stream(pair);
  EXPECT_EQ(pair.client.session.send_room(fresh), initial_stream_window);
  EXPECT_FALSE(pair.failure);
}

TEST(Session, StopMakesTheSenderGiveUpTheRest) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.send_pattern(id, 20'000);
  pair.exchange();
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.gateway.streams[id].stopped, errc::cancelled);
  EXPECT_EQ(pair.gateway.send_pattern(id, 10), 0U);
  EXPECT_EQ(pair.client.send_pattern(id, 10), 10U);
}

TEST(Session, FrameForAStreamThatIsGoneIsAnsweredWithClosedAndNeverOpens) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 0, base::as_bytes("late")}), errc{});
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  EXPECT_EQ(pair.gateway.opened.size(), 1U);
  const auto answer = produce_all(pair.gateway, pair.carrier, pair.now);
  frame_reader reader;
  byte_view rest = answer;
  const auto found = reader.next(rest);
  const auto& reset = std::get<reset_frame>(**found);
  EXPECT_EQ(reset.stream, id);
  EXPECT_EQ(reset.code, to_wire(errc::closed));
}

TEST(Session, RepeatedOpenOpensOnce) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  EXPECT_EQ(pair.gateway.opened.size(), 1U);
  EXPECT_EQ(pair.gateway.session.open_streams(), 1U);
}

TEST(Session, OverlappingDataIsTrimmedByOffset) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 100);
  pair.exchange();
  base::byte_vector again(150);
  for (std::size_t i = 0; i < again.size(); ++i) {
    again[i] = pattern_byte(role::client, id, 50 + i);
  }
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 50, again}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 200U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
}

TEST(Session, DataOutOfOrderIsDeliveredInOrder) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  base::byte_vector bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = pattern_byte(role::client, id, i);
  }
  const byte_view all = bytes;
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 200, all.subspan(200)}), errc{});
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 100, all.subspan(100, 100)}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 0U);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 0, all.first(100)}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 300U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
}

TEST(Session, TooManyGapsCostTheStreamOnly) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  const auto other = open_stream(pair);
  for (byte_count i = 0; i <= gaps_most; ++i) {
    EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 10 + 2 * i, base::as_bytes("x")}), errc{});
  }
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::gap_limit);
  EXPECT_FALSE(pair.gateway.session.ended());
  EXPECT_EQ(pair.client.send_pattern(other, 10), 10U);
}

TEST(Session, DataPastTheStreamWindowEndsTheSession) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, initial_stream_window, base::as_bytes("x")}),
            errc::window_exceeded);
  EXPECT_TRUE(pair.gateway.session.ended());
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::window_exceeded);
}

TEST(Session, DataPastTheSessionWindowEndsTheSession) {
  machine_pair pair;
  pair.connect();
  pair.gateway.stalled = true;
  errc seen{};
  for (int i = 0; i < 5 && seen == errc{}; ++i) {
    const auto id = open_stream(pair);
    seen =
        inject(pair, pair.gateway, data_frame{id, initial_stream_window - 1, base::as_bytes("x")});
  }
  EXPECT_EQ(seen, errc::window_exceeded);
}

TEST(Session, DataForAStreamThatWasNeverOpenedEndsTheSession) {
  machine_pair pair;
  pair.connect();
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{stream_id{99}, 0, base::as_bytes("x")}),
            errc::stream_id_invalid);
}

TEST(Session, EvenStreamIdsAreRefused) {
  machine_pair pair;
  pair.connect();
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{2}, web, {}}), errc::stream_id_invalid);
}

TEST(Session, GatewayMayNotOpenStreams) {
  machine_pair pair;
  pair.connect();
  EXPECT_EQ(inject(pair, pair.client, open_frame{stream_id{1}, web, {}}), errc::stream_id_invalid);
}

TEST(Session, AcknowledgementOfUnsentBytesEndsTheSession) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  const stream_offset wrong{id, 5000};
  base::byte_vector bytes(64);
  frame_writer writer(bytes);
  ASSERT_TRUE(writer.put_acks(std::span(&wrong, 1)));
  const auto outcome =
      pair.client.session.receive(pair.carrier, writer.bytes(), pair.client, pair.now);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), errc::offset_invalid);
}

TEST(Session, FinBelowReceivedBytesEndsTheSession) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 100);
  pair.exchange();
  EXPECT_EQ(inject(pair, pair.gateway, fin_frame{id, 50}), errc::offset_invalid);
}

TEST(Session, DataPastTheFinalOffsetEndsTheSession) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(inject(pair, pair.gateway, fin_frame{id, 10}), errc{});
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 9, base::as_bytes("xx")}),
            errc::offset_invalid);
}

TEST(Session, PolicyIsNotForTheGatewayToHear) {
  machine_pair pair;
  pair.connect();
  EXPECT_EQ(inject(pair, pair.gateway, policy_frame{}), errc::frame_not_negotiated);
}

TEST(Session, SecondHelloOnACarrierEndsTheSession) {
  machine_pair pair;
  pair.connect();
  EXPECT_EQ(inject(pair, pair.gateway, hello_frame{.version = 1, .carrier = carrier_number{1}}),
            errc::protocol_violation);
}

TEST(Session, ClientRefusesFramesBeforeWelcome) {
  machine_pair pair;
  ASSERT_TRUE(pair.client.session.attach({.carrier = pair.carrier}, pair.now));
  EXPECT_EQ(inject(pair, pair.client, ping_frame{}), errc::protocol_violation);
}

TEST(Session, RefusalIsReportedWithItsSentence) {
  machine_pair pair;
  ASSERT_TRUE(pair.client.session.attach({.carrier = pair.carrier}, pair.now));
  inject(pair, pair.client, refuse_frame{to_wire(errc::quota_exceeded), 60, "No bytes left."});
  ASSERT_FALSE(pair.client.other_events.empty());
  const auto& refused = std::get<session_refused>(pair.client.other_events[0]);
  EXPECT_EQ(refused.code, errc::quota_exceeded);
  EXPECT_EQ(refused.retry_after, 60s);
  EXPECT_EQ(refused.sentence, "No bytes left.");
  EXPECT_TRUE(pair.client.session.ended());
}

TEST(Session, StreamsPastTheLimitAreResetAndTheRestLives) {
  session_limits narrow;
  narrow.streams = 3;
  machine_pair pair(narrow);
  pair.connect();
  std::vector<stream_id> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(open_stream(pair));
  }
  EXPECT_FALSE(pair.client.session.open(web, {}, pair.now));
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{7}, web, {}}), errc{});
  EXPECT_EQ(pair.gateway.opened.size(), 3U);
  EXPECT_FALSE(pair.gateway.session.ended());
}

TEST(Session, LostCarrierWithoutGraceEndsEveryStreamOnBothSidesAndFreesMemory) {
  session_limits limits;
  limits.detached_for = 0s;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  pair.client.send_pattern(id, 100'000);
  pair.exchange();
  pair.client.session.detach(pair.carrier, pair.now);
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.client.drain_events();
  pair.gateway.drain_events();
  EXPECT_EQ(pair.client.streams[id].reset, errc::carrier_lost);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::carrier_lost);
  EXPECT_TRUE(pair.client.session.ended() && pair.gateway.session.ended());
  EXPECT_EQ(pair.client.pool.used() + pair.gateway.pool.used(), 0U);
}

TEST(Session, CarrierNumbersAreSingleUse) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect(5);
  pair.client.session.detach(pair.carrier, pair.now);
  const auto again = pair.client.session.attach({.carrier = carrier_number{5}}, pair.now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), errc::carrier_number_reused);
  EXPECT_TRUE(pair.client.session.attach({.carrier = carrier_number{4}}, pair.now));
}

TEST(Session, CarrierOverTheCapRetiresTheLowestNumber) {
  session_limits limits;
  limits.carriers = 2;
  machine_pair pair(limits);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto attached =
        pair.gateway.session.attach({.carrier = carrier_number{number}}, pair.now);
    EXPECT_TRUE(attached);
  }
  const auto carriers = pair.gateway.session.carriers();
  ASSERT_EQ(carriers.size(), 3U);
  EXPECT_TRUE(carriers[0].retiring);
  EXPECT_FALSE(carriers[1].retiring || carriers[2].retiring);
}

TEST(Session, CarriersThatDoNotLeaveAreBounded) {
  session_limits limits;
  limits.carriers = 1;
  machine_pair pair(limits);
  const auto attach = [&](std::uint64_t number) {
    return pair.gateway.session.attach({.carrier = carrier_number{number}}, pair.now);
  };
  for (std::uint64_t number = 1; number <= 1 + retiring_carriers_most; ++number) {
    EXPECT_TRUE(attach(number));
  }
  const auto refused = attach(2 + retiring_carriers_most);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::carrier_limit);
}

TEST(Session, CarrierThatWasToldToLeaveMakesWayForANewOne) {
  session_limits limits;
  limits.carriers = 1;
  machine_pair pair(limits);
  for (std::uint64_t number = 1; number <= 2 + retiring_carriers_most; ++number) {
    const carrier_number fresh{number};
    ASSERT_TRUE(pair.gateway.session.attach({.carrier = fresh}, pair.now));
    for (const auto& each : pair.gateway.session.carriers()) {
      produce_all(pair.gateway, each.number, pair.now);
    }
  }
  pair.gateway.drain_events();
  EXPECT_EQ(count_events<carrier_failed>(pair.gateway), 1U);
  const auto carriers = pair.gateway.session.carriers();
  EXPECT_EQ(carriers.size(), 1 + retiring_carriers_most);
  EXPECT_EQ(carriers.front().number, carrier_number{2});
}

TEST(Session, UnacknowledgedBytesAreSentAgainOnTheNextCarrier) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 200'000);
  const auto lost = produce_all(pair.client, pair.carrier, pair.now);
  EXPECT_GT(lost.size(), 60'000U);
  pair.client.session.finish(id, pair.now);
  pair.client.session.detach(pair.carrier, pair.now);
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.connect(2);
  pair.settle_for(500ms);
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.gateway.streams[id].received, 200'000U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
  EXPECT_TRUE(pair.gateway.streams[id].finished);
}

TEST(Session, DetachedSessionEndsAfterItsGrace) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect();
  pair.gateway.session.detach(pair.carrier, pair.now);
  pair.gateway.session.tick(pair.now + 59s);
  EXPECT_FALSE(pair.gateway.session.ended());
  pair.gateway.session.tick(pair.now + 60s);
  EXPECT_TRUE(pair.gateway.session.ended());
}

TEST(Session, SilentCarrierIsReported) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.tick(pair.now + 91s);
  pair.gateway.drain_events();
  ASSERT_FALSE(pair.gateway.other_events.empty());
  EXPECT_EQ(std::get<carrier_failed>(pair.gateway.other_events.back()).code, errc::carrier_silent);
}

TEST(Session, KeepAliveHoldsAnIdleCarrier) {
  machine_pair pair;
  pair.connect();
  pair.settle_for(std::chrono::minutes(10));
  EXPECT_TRUE(pair.gateway.other_events.empty());
  EXPECT_TRUE(pair.client.session.round_trip().has_value());
}

TEST(Session, HalfClosedStreamWithoutProgressIsReset) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.settle_for(std::chrono::minutes(9));
  EXPECT_FALSE(pair.client.streams[id].reset);
  pair.settle_for(std::chrono::minutes(2));
  EXPECT_EQ(pair.client.streams[id].reset, errc::half_closed_idle);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(Session, SilentPeerOnBothSidesOpenStreamStaysOpen) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.settle_for(std::chrono::hours(2));
  EXPECT_FALSE(pair.client.streams[id].reset);
  EXPECT_EQ(pair.gateway.session.open_streams(), 1U);
}

TEST(Session, ReplayCapHoldsTheSenderBackUntilAcknowledged) {
  session_limits limits;
  limits.replay = 100'000;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(pair.client.send_pattern(id, 200'000), 100'000U);
  EXPECT_EQ(pair.client.session.unacknowledged(), 100'000U);
  pair.exchange();
  pair.settle_for(300ms);
  EXPECT_EQ(pair.client.session.unacknowledged(), 0U);
  EXPECT_EQ(pair.client.session.send_room(id), 100'000U);
}

TEST(Session, ExhaustedPoolCostsTheStreamAndNotTheSession) {
  machine_pair pair({}, 64 * base::kibibyte);
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.stalled = true;
  base::byte_vector bytes(10'000);
  for (byte_count offset = 0; offset < 120'000; offset += bytes.size()) {
    inject(pair, pair.gateway, data_frame{id, offset, bytes});
  }
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::buffer_exhausted);
  EXPECT_FALSE(pair.gateway.session.ended());
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
}

TEST(Session, NoticeAndGoawayReachTheOtherSide) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.notify(errc::quota_exceeded, "The quota is used up.");
  pair.gateway.session.go_away(errc::gateway_draining, 30s);
  pair.exchange();
  bool noticed = false;
  bool leaving = false;
  for (const auto& event : pair.client.other_events) {
    if (const auto* notice = std::get_if<notice_received>(&event)) {
      noticed = notice->sentence == "The quota is used up.";
    }
    if (const auto* away = std::get_if<peer_going_away>(&event)) {
      leaving = away->drain == 30s && away->code == errc::gateway_draining;
    }
  }
  EXPECT_TRUE(noticed && leaving);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{1}, web, {}}), errc{});
  EXPECT_TRUE(pair.gateway.opened.empty());
}

TEST(Session, WindowsGrowForAFastReaderAndStopAtTheirCap) {
  session_limits limits;
  limits.largest_stream_window = base::mebibyte;
  machine_pair pair(limits);
  pair.connect();
  const auto id = open_stream(pair);
  pour(pair, id);
  pair.settle_for(300ms);
  EXPECT_GT(pair.client.session.send_room(id), initial_stream_window);
  EXPECT_LE(pair.client.session.send_room(id), base::mebibyte);
  EXPECT_FALSE(pair.failure);
}

TEST(Session, StreamsTakeTurnsOnTheCarrier) {
  machine_pair pair;
  pair.connect();
  const auto first = open_stream(pair);
  const auto second = open_stream(pair);
  pair.client.send_pattern(first, 200'000);
  pair.client.send_pattern(second, 10'000);
  const auto flight = produce_all(pair.client, pair.carrier, pair.now);
  ASSERT_TRUE(pair.gateway.session.receive(pair.carrier, flight, pair.gateway, pair.now));
  EXPECT_EQ(pair.gateway.streams[second].received, 10'000U);
  EXPECT_LT(pair.gateway.streams[first].received, 65'536U);
}

std::size_t largest_payload(const std::vector<frame>& frames) {
  std::size_t largest = 0;
  for (const auto& each : frames) {
    if (const auto* data = std::get_if<data_frame>(&each)) {
      largest = std::max(largest, data->payload.size());
    }
  }
  return largest;
}

TEST(Session, TurnsShrinkWithThePaceOfTheCarrierAndTheStreamsThatShareIt) {
  machine_pair pair;
  pair.connect();
  std::vector<stream_id> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(open_stream(pair));
  }
  for (int i = 0; i < 4; ++i) {
    pair.client.send_pattern(ids[0], 200'000);
    pair.exchange();
  }
  const auto largest_turn = [&](byte_count pace) {
    for (const auto id : ids) {
      EXPECT_EQ(pair.client.send_pattern(id, 30'000), 30'000U);
    }
    pair.client.session.set_pace(pair.carrier, pace);
    const auto flight = produce_all(pair.client, pair.carrier, pair.now);
    EXPECT_TRUE(pair.gateway.session.receive(pair.carrier, flight, pair.gateway, pair.now));
    pair.settle_for(300ms);
    return largest_payload(frames_in(flight));
  };
  EXPECT_EQ(largest_turn(0), data_payload_most);
  EXPECT_LE(largest_turn(10'000), 10'000U);
  EXPECT_EQ(largest_turn(1000), 2048U);
  EXPECT_EQ(largest_turn(1'000'000), data_payload_most);
}

TEST(Session, BulkFramingStaysBelowOnePercent) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  for (int i = 0; i < 100; ++i) {
    pair.gateway.send_pattern(id, 250'000);
    pair.exchange();
  }
  const auto& counters = pair.gateway.session.counters();
  EXPECT_GT(counters.payload_sent, 10'000'000U);
  EXPECT_LT(counters.framing_sent * 100, counters.payload_sent);
}

}
}
