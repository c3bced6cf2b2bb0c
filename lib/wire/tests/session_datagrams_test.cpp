#include <gtest/gtest.h>

#include "carrier_fleet.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

const target resolver = ipv4_target{.address = {192, 0, 2, 53}, .port = 53};

bool send(machine& from, std::uint64_t flow, base::steady_time now,
          std::string_view text = "query") {
  return from.session.send_datagram(
      {.flow = flow, .target = resolver, .payload = base::as_bytes(text)}, now);
}

TEST(SessionDatagrams, PassBothWaysWithFlowAndAddress) {
  machine_pair pair;
  pair.connect();
  EXPECT_TRUE(send(pair.client, 5, pair.now));
  pair.exchange();
  ASSERT_EQ(pair.gateway.datagrams.size(), 1U);
  EXPECT_EQ(pair.gateway.datagrams[0].flow, 5U);
  EXPECT_EQ(pair.gateway.datagrams[0].target, resolver);
  EXPECT_EQ(pair.gateway.datagrams[0].payload, "query");
  EXPECT_TRUE(send(pair.gateway, 5, pair.now, "answer"));
  pair.exchange();
  ASSERT_EQ(pair.client.datagrams.size(), 1U);
  EXPECT_EQ(pair.client.datagrams[0].payload, "answer");
  EXPECT_EQ(pair.client.session.counters().datagrams_sent, 1U);
  EXPECT_EQ(pair.client.session.counters().datagrams_received, 1U);
  EXPECT_EQ(pair.client.session.counters().payload_sent, 5U);
  EXPECT_EQ(pair.client.session.counters().payload_received, 6U);
}

TEST(SessionDatagrams, AreOutsideTheWindows) {
  machine_pair pair;
  pair.connect();
  const auto before = pair.client.session.credit().sending;
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(send(pair.client, 1, pair.now, std::string(1200, 'x')));
    pair.exchange();
  }
  EXPECT_EQ(pair.gateway.datagrams.size(), 40U);
  EXPECT_EQ(pair.client.session.credit().sending, before);
  EXPECT_EQ(pair.client.session.unacknowledged(), 0U);
}

TEST(SessionDatagrams, WithoutTheCapabilityNothingIsSentAndOneHeardEndsTheSession) {
  carrier_fleet fleet;
  const auto attached = fleet.gateway.session.attach(
      {.carrier = carrier_number{1},
       .capabilities = static_cast<std::uint64_t>(capability::several_carriers)},
      fleet.now);
  ASSERT_TRUE(attached);
  EXPECT_FALSE(send(fleet.gateway, 1, fleet.now));
  EXPECT_EQ(fleet.gateway.session.dropped_datagrams().malformed, 1U);
  base::byte_vector bytes(256);
  frame_writer writer(bytes);
  ASSERT_TRUE(writer.put(datagram_frame{.flow = 1, .target = resolver, .payload = {}}));
  const auto heard =
      fleet.gateway.session.receive(carrier_number{1}, writer.bytes(), fleet.gateway, fleet.now);
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error(), errc::frame_not_negotiated);
  EXPECT_TRUE(fleet.gateway.session.ended());
}

TEST(SessionDatagrams, AreDroppedAndCountedWithoutACarrierAndNeverSentAgain) {
  carrier_fleet fleet;
  fleet.establish(1);
  EXPECT_TRUE(send(fleet.client, 1, fleet.now));
  fleet.write(fleet.client);
  fleet.lose(1);
  EXPECT_FALSE(send(fleet.client, 1, fleet.now));
  EXPECT_EQ(fleet.client.session.dropped_datagrams().detached, 1U);
  fleet.establish(2);
  fleet.exchange();
  EXPECT_TRUE(fleet.gateway.datagrams.empty());
  EXPECT_TRUE(send(fleet.client, 1, fleet.now, "again"));
  fleet.exchange();
  ASSERT_EQ(fleet.gateway.datagrams.size(), 1U);
  EXPECT_EQ(fleet.gateway.datagrams[0].payload, "again");
}

TEST(SessionDatagrams, FlowsKeepTheirCarrierAndLeaveOneThatRetires) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.establish(2);
  fleet.exchange();
  fleet.forget_logs();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(send(fleet.client, 1, fleet.now));
    EXPECT_TRUE(send(fleet.client, 2, fleet.now));
    fleet.exchange();
  }
  EXPECT_EQ(count_frames<datagram_frame>(fleet.sent_up(1)), 4U);
  EXPECT_EQ(count_frames<datagram_frame>(fleet.sent_up(2)), 4U);
  fleet.client.session.retire(carrier_number{1}, 0, fleet.now);
  EXPECT_TRUE(send(fleet.client, 1, fleet.now));
  fleet.exchange();
  EXPECT_EQ(count_frames<datagram_frame>(fleet.sent_up(1)), 4U);
  EXPECT_EQ(fleet.gateway.datagrams.size(), 9U);
}

TEST(SessionDatagrams, LeaveACarrierThatIsSuspected) {
  carrier_fleet fleet;
  fleet.establish(1);
  fleet.establish(2);
  fleet.pass(1s);
  EXPECT_TRUE(send(fleet.client, 1, fleet.now));
  fleet.exchange();
  fleet.forget_logs();
  fleet.freeze(1);
  EXPECT_TRUE(send(fleet.client, 1, fleet.now));
  fleet.write(fleet.client);
  fleet.pass(4s);
  const auto heard = fleet.gateway.datagrams.size();
  EXPECT_TRUE(send(fleet.client, 1, fleet.now));
  fleet.exchange();
  EXPECT_EQ(fleet.gateway.datagrams.size(), heard + 1);
  EXPECT_GE(count_frames<datagram_frame>(fleet.sent_up(2)), 1U);
}

TEST(SessionDatagrams, OldOnesAreDroppedInsteadOfSentLate) {
  machine_pair pair;
  pair.connect();
  EXPECT_TRUE(send(pair.client, 1, pair.now));
  ASSERT_TRUE(pair.client.session.deadline());
  EXPECT_LE(*pair.client.session.deadline(), pair.now + 100ms);
  pair.now += 101ms;
  pair.client.session.tick(pair.now);
  pair.exchange();
  EXPECT_TRUE(pair.gateway.datagrams.empty());
  EXPECT_EQ(pair.client.session.dropped_datagrams().late, 1U);
}

TEST(SessionDatagrams, ShareEachTurnWithStreams) {
  carrier_fleet fleet;
  fleet.establish(1);
  const auto id = fleet.open(1);
  fleet.exchange();
  fleet.forget_logs();
  fleet.client.send_pattern(id, 60'000);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(send(fleet.client, 1, fleet.now, std::string(1200, 'x')));
  }
  base::byte_vector out(32'768);
  out.resize(fleet.client.session.produce(carrier_number{1}, out, fleet.now));
  const auto frames = frames_in(out);
  EXPECT_GE(count_frames<datagram_frame>(frames), 8U);
  EXPECT_LE(count_frames<datagram_frame>(frames), 15U);
  EXPECT_GE(payload_in(frames), 12'000U);
}

}
}
