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

}
}
