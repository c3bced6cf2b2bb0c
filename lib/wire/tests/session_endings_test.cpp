#include <gtest/gtest.h>

#include <algorithm>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

TEST(SessionEndings, ResetAfterAnAcknowledgedFinStillReachesTheOtherSide) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.settle_for(1s);
  EXPECT_TRUE(pair.gateway.streams[id].finished);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
  EXPECT_FALSE(pair.failure);
}

TEST(SessionEndings, AcknowledgementOfAFinThatBecameAResetIsNoError) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.exchange();
  pair.client.session.reset(id, errc::cancelled);
  EXPECT_EQ(inject_bytes(pair, pair.client, acknowledgement_of(id, 1)), errc{});
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionEndings, FinWaitsForTheLastByteOfItsStream) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  ASSERT_EQ(pair.client.send_pattern(id, 200'000), 200'000U);
  pair.client.session.finish(id, pair.now);
  byte_count sent = 0;
  while (sent < 200'000) {
    const auto flight = frames_in(produce_all(pair.client, pair.carrier, pair.now));
    ASSERT_FALSE(flight.empty());
    for (const auto& each : flight) {
      ASSERT_TRUE(sent == 200'000 || !std::holds_alternative<fin_frame>(each));
      sent += payload_in({each});
    }
  }
}

TEST(SessionEndings, IdleHalfClosedStreamIsReportedOnBothSides) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  pair.settle_for(11min);
  EXPECT_EQ(pair.client.streams[id].reset, errc::half_closed_idle);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::half_closed_idle);
}

TEST(SessionEndings, DownloadAfterHalfCloseOutlivesTheIdleTime) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.finish(id, pair.now);
  for (int minute = 0; minute < 30; ++minute) {
    EXPECT_EQ(pair.gateway.send_pattern(id, 1000), 1000U);
    pair.settle_for(1min);
  }
  EXPECT_EQ(pair.client.streams[id].received, 30'000U);
  EXPECT_FALSE(pair.client.streams[id].reset || pair.gateway.streams[id].reset);
}

TEST(SessionEndings, CancelledOpensLeaveNoHolesInTheIds) {
  machine_pair pair;
  pair.connect();
  for (int i = 0; i < 200; ++i) {
    const auto dropped = pair.client.session.open(web, base::as_bytes("GET"), pair.now);
    ASSERT_TRUE(dropped);
    pair.client.session.reset(*dropped, errc::cancelled);
    ASSERT_TRUE(pair.client.session.open(web, {}, pair.now));
    pair.exchange();
  }
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.gateway.opened.size(), 200U);
  EXPECT_EQ(pair.client.session.open_streams(), 200U);
}

TEST(SessionEndings, StopOfAStreamThatWasCancelledUnopenedIsNotSent) {
  machine_pair pair;
  pair.connect();
  const auto id = pair.client.session.open(web, {}, pair.now).value();
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_TRUE(pair.gateway.opened.empty());
  EXPECT_EQ(pair.client.session.open_streams(), 0U);
}

TEST(SessionEndings, ResetOfAnIdThatNeverOpenedClosesItForGood) {
  machine_pair pair;
  pair.connect();
  const reset_frame early{.stream = stream_id{1}, .code = 26, .final_offset = 500};
  EXPECT_EQ(inject(pair, pair.gateway, early), errc{});
  EXPECT_EQ(pair.gateway.session.credit().received, 500U);
  EXPECT_EQ(pair.gateway.session.credit().consumed, 500U);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{1}, web, {}}), errc{});
  EXPECT_TRUE(pair.gateway.opened.empty());
  const auto answers = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<ack_frame>(answers), 1U);
  EXPECT_EQ(count_frames<reset_frame>(answers), 1U);
}

TEST(SessionEndings, ResetOfAnUnopenedIdPastTheSessionWindowEndsTheSession) {
  machine_pair pair;
  pair.connect();
  const reset_frame early{
      .stream = stream_id{1}, .code = 26, .final_offset = initial_session_window + 1};
  EXPECT_EQ(inject(pair, pair.gateway, early), errc::window_exceeded);
}

TEST(SessionEndings, RepeatedOpenIsAcknowledgedAgain) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.settle_for(300ms);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  pair.now += 250ms;
  const auto answers = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<ack_frame>(answers), 1U);
}

TEST(SessionEndings, OpenOfAStreamThatIsGoneIsAnsweredWithClosed) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  const auto answers = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<reset_frame>(answers), 1U);
}

TEST(SessionEndings, StopOfAFinishedStreamForgetsWhatWasNotRead) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.stalled = true;
  pair.gateway.send_pattern(id, 5000);
  pair.gateway.session.finish(id, pair.now);
  pair.client.session.finish(id, pair.now);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.session.unread(), 5000U);
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
  EXPECT_EQ(pair.client.pool.used(), 0U);
}

TEST(SessionEndings, StopAfterAFailureThatWaitsForItsDataFreesTheData) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.send_pattern(id, 200'000);
  pair.gateway.session.fail_after_data(id, errc::node_unreachable);
  EXPECT_EQ(inject(pair, pair.gateway, stop_frame{id, to_wire(errc::cancelled)}), errc{});
  EXPECT_EQ(pair.gateway.pool.used(), 0U);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.streams[id].reset, errc::node_unreachable);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionEndings, StopOfAFailedStreamStillTellsThatItsSendingSideIsOver) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.stalled = true;
  pair.gateway.send_pattern(id, 1000);
  pair.gateway.session.fail_after_data(id, errc::node_unreachable);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.client.streams[id].reset);
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.streams[id].reset, errc::node_unreachable);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionEndings, ResetAfterStopEndsBothDirections) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.gateway.send_pattern(id, 1000);
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.exchange();
  EXPECT_EQ(pair.gateway.streams[id].stopped, errc::cancelled);
  EXPECT_EQ(pair.client.send_pattern(id, 10), 10U);
  pair.client.session.reset(id, errc::cancelled);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::cancelled);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionEndings, ResetOfASideThatWasStoppedStillStopsTheOther) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.session.stop(id, errc::cancelled, pair.now);
  pair.settle_for(1s);
  EXPECT_EQ(pair.gateway.streams[id].stopped, errc::cancelled);
  pair.gateway.session.reset(id, errc::node_unreachable);
  pair.settle_for(1s);
  EXPECT_EQ(pair.client.streams[id].reset, errc::node_unreachable);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
}

TEST(SessionEndings, BothSidesMayResetAtOnce) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 40'000);
  pair.gateway.send_pattern(id, 40'000);
  pair.client.session.reset(id, errc::cancelled);
  pair.gateway.session.reset(id, errc::node_unreachable);
  pair.settle_for(1s);
  EXPECT_FALSE(pair.failure);
  EXPECT_EQ(pair.client.session.open_streams() + pair.gateway.session.open_streams(), 0U);
  EXPECT_EQ(pair.client.pool.used() + pair.gateway.pool.used(), 0U);
}

TEST(SessionEndings, SecondFarewellIsSentToo) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.go_away(errc::gateway_draining, 30s);
  pair.exchange();
  pair.gateway.session.end(errc::gateway_draining);
  pair.exchange();
  EXPECT_EQ(count_events<peer_going_away>(pair.client), 2U);
}

TEST(SessionEndings, FarewellNamesOtherGatewaysAndNeverMoreThanAFrameMayName) {
  machine_pair pair;
  pair.connect();
  std::vector<std::string> names = {"gw_north", std::string(65, 'x'), "gw_south"};
  pair.gateway.session.go_away(errc::gateway_draining, 30s, names);
  pair.exchange();
  names.assign(20, "gw");
  pair.gateway.session.go_away(errc::gateway_draining, 10s, names);
  pair.exchange();
  std::vector<peer_going_away> heard;
  for (const auto& event : pair.client.other_events) {
    if (const auto* away = std::get_if<peer_going_away>(&event)) {
      heard.push_back(*away);
    }
  }
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0].gateways, (std::vector<std::string>{"gw_north", "gw_south"}));
  EXPECT_EQ(heard[1].gateways.size(), gateway_names_most);
}

TEST(SessionEndings, EndedSessionHasNoOutputAfterItsFarewell) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 100);
  pair.exchange();
  pair.gateway.session.end(errc::device_revoked);
  pair.now += 1s;
  EXPECT_TRUE(pair.gateway.session.has_output(pair.carrier, pair.now));
  const auto frames = frames_in(produce_all(pair.gateway, pair.carrier, pair.now));
  EXPECT_EQ(count_frames<goaway_frame>(frames), 1U);
  EXPECT_FALSE(pair.gateway.session.has_output(pair.carrier, pair.now));
}

TEST(SessionEndings, NoticeIsCutBetweenLetters) {
  machine_pair pair;
  pair.connect();
  pair.gateway.session.notify(errc::quota_exceeded, std::string(511, 'x') + "\u00e9");
  pair.gateway.session.notify(errc::quota_exceeded, "\xff\xfe");
  pair.exchange();
  EXPECT_FALSE(pair.failure);
  ASSERT_EQ(count_events<notice_received>(pair.client), 2U);
  const auto found = std::ranges::find_if(pair.client.other_events, [](const auto& event) {
    return std::holds_alternative<notice_received>(event);
  });
  const auto& first = std::get<notice_received>(*found);
  EXPECT_EQ(first.sentence, std::string(511, 'x'));
}

}
}
