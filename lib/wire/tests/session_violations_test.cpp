#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

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

}
}
