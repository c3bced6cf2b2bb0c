#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

using wire::errc;

struct Carrier : ::testing::Test {
  gateway_world world;
  tcp_origin origin{echo_until_end};
  std::unique_ptr<tunnel> bystander = world.connect(world.device);

  void SetUp() override { ASSERT_TRUE(bystander->wait_until_open()); }

  void TearDown() override {
    const auto stream = bystander->open(loopback_target(origin.port()), pattern(100));
    EXPECT_TRUE(bystander->wait([&] { return bystander->view(stream).received.size() == 100; }));
    EXPECT_TRUE(world.connect(make_device("dev_later"))->wait_until_open());
    EXPECT_EQ(world.gateway.metric("httvps_gateway_connections_refused_total"), 0);
  }

  tunnel_options hostile() const { return world.as_device(make_device("dev_hostile")); }

  carrier_end end_after(const base::byte_vector& bytes) const {
    raw_carrier carrier(hostile());
    EXPECT_TRUE(carrier.is_upgraded());
    carrier.send_bytes(bytes);
    return carrier.read_until_end();
  }

  carrier_end end_after_message(const base::byte_vector& message) const {
    return end_after(encode_raw({.payload = message}));
  }

  carrier_end end_after_hello_and(const std::function<void(wire::frame_writer&)>& write) const {
    auto message = encode_hello({});
    base::append(message, encode_frames(write));
    return end_after_message(message);
  }

  carrier_end end_after_hello_and(const base::byte_vector& bytes) const {
    auto message = encode_hello({});
    base::append(message, bytes);
    return end_after_message(message);
  }
};

TEST_F(Carrier, FrameWithoutMaskClosesWithProtocolError) {
  const auto end = end_after(encode_raw({.payload = encode_hello({}), .masked = false}));
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.close_code, 1002);
}

TEST_F(Carrier, ReservedBitsCloseWithProtocolError) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0xc2, .payload = pattern(4)})).close_code, 1002);
}

TEST_F(Carrier, UnknownOpcodeClosesWithProtocolError) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0x83, .payload = pattern(4)})).close_code, 1002);
}

TEST_F(Carrier, TextClosesWithUnsupportedData) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0x81, .payload = pattern(4)})).close_code, 1003);
}

TEST_F(Carrier, ContinuationWithoutStartClosesWithProtocolError) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0x80, .payload = pattern(4)})).close_code, 1002);
}

TEST_F(Carrier, FragmentedPingClosesWithProtocolError) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0x09, .payload = pattern(4)})).close_code, 1002);
}

TEST_F(Carrier, LongPingClosesWithProtocolError) {
  EXPECT_EQ(end_after(encode_raw({.first_byte = 0x89, .payload = pattern(126)})).close_code, 1002);
}

TEST_F(Carrier, MessageOverTheLimitClosesAtItsHead) {
  const base::byte_vector head = {0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4};
  EXPECT_EQ(end_after(head).close_code, 1009);
}

TEST_F(Carrier, CloseFromTheClientIsAnswered) {
  const auto end = end_after(encode_raw({.first_byte = 0x88, .payload = {0x03, 0xe8}}));
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.close_code, 1000);
}

TEST_F(Carrier, BytesBelowTlsEndTheConnection) {
  raw_carrier carrier(hostile());
  ASSERT_TRUE(carrier.is_upgraded());
  carrier.client().send_below_tls(pattern(2000));
  EXPECT_TRUE(carrier.read_until_end().closed);
}

TEST_F(Carrier, GarbageInsteadOfHelloIsRefusedByName) {
  for (const auto& garbage :
       {pattern(64), base::byte_vector(64, 0xff), base::byte_vector{0x0d, 0x01, 0x00},
        base::byte_vector{0x01, 0x02, 0x03, 0x04}}) {
    const auto end = end_after_message(garbage);
    EXPECT_TRUE(end.closed);
    ASSERT_TRUE(end.refusal);
    EXPECT_TRUE(end.refusal->code == wire::to_wire(errc::protocol_violation) ||
                end.refusal->code == wire::to_wire(errc::frame_too_large) ||
                end.refusal->code == wire::to_wire(errc::frame_malformed) ||
                end.refusal->code == wire::to_wire(errc::unknown_frame))
        << end.refusal->code;
  }
}

TEST_F(Carrier, VersionThatIsNotSpokenIsRefusedByName) {
  const auto end = end_after_message(encode_hello({.version = 9}));
  EXPECT_TRUE(end.closed);
  ASSERT_TRUE(end.refusal);
  EXPECT_EQ(end.refusal->code, wire::to_wire(errc::version_unsupported));
  EXPECT_FALSE(end.refusal->sentence.empty());
}

TEST_F(Carrier, HelloThatNeverEndsIsCutOff) {
  gateway_world slow{{.environment = {{"GATEWAY_HANDSHAKE_TIMEOUT", "1000"}}}};
  raw_carrier carrier(slow.as_device(slow.device));
  ASSERT_TRUE(carrier.is_upgraded());
  auto hello = encode_hello({});
  hello.resize(hello.size() / 2);
  carrier.send_message(hello);
  EXPECT_TRUE(carrier.read_until_end(std::chrono::seconds(8)).closed);
}

struct WaitingCarriers : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_WAITING_CARRIERS", "16"}}}};
  std::vector<std::unique_ptr<raw_carrier>> held;

  raw_carrier& enter(const tunnel_options& options) {
    held.push_back(std::make_unique<raw_carrier>(options));
    EXPECT_TRUE(held.back()->is_upgraded());
    return *held.back();
  }

  bool has_dropped(double carriers) const {
    return world.gateway.wait_for_metric("httvps_gateway_carriers_dropped_total", carriers) &&
           world.gateway.wait_until_metric_is("httvps_gateway_carriers_waiting", 16);
  }
};

TEST_F(WaitingCarriers, OldestOfThoseThatNeverGreetMakesWay) {
  for (int i = 0; i < 40; ++i) {
    enter(world.as_device(make_device("dev_" + std::to_string(i))));
  }
  EXPECT_TRUE(has_dropped(24));
  EXPECT_TRUE(held.front()->read_until_end().closed);
  EXPECT_TRUE(world.connect(world.device)->wait_until_open());
}

TEST_F(WaitingCarriers, OldestOfThoseThatAreControlOnlyMakesWay) {
  for (int i = 0; i < 30; ++i) {
    const auto fresh = make_device("dev_new");
    enter({.place = world.place(), .knock = ticket_knock(world.keys.ticket(), fresh)})
        .send_message(encode_hello({}));
  }
  EXPECT_TRUE(has_dropped(14));
  EXPECT_TRUE(held.front()->read_until_end().closed);
  held.back()->send_message(encode_frames([](wire::frame_writer& writer) {
    writer.put(wire::ping_frame{.opaque = {1, 2, 3, 4, 5, 6, 7, 8}});
  }));
  EXPECT_EQ(held.back()->read_until_end(std::chrono::milliseconds(500)).pongs, 1U);
}

TEST_F(WaitingCarriers, SessionsDoNotCountAmongThem) {
  std::vector<std::unique_ptr<tunnel>> devices;
  for (int i = 0; i < 30; ++i) {
    devices.push_back(world.connect(make_device("dev_" + std::to_string(i))));
    ASSERT_TRUE(devices.back()->wait_until_open());
  }
  EXPECT_EQ(world.gateway.metric("httvps_gateway_carriers_waiting"), 0);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_carriers_dropped_total"), 0);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_sessions"), 30);
}

TEST_F(Carrier, HelloByteByByteIsUnderstood) {
  raw_carrier carrier(hostile());
  ASSERT_TRUE(carrier.is_upgraded());
  for (const auto byte : encode_hello({})) {
    carrier.send_message(base::byte_vector{byte});
  }
  carrier.send_message(encode_frames([](wire::frame_writer& writer) {
    writer.put(wire::ping_frame{.opaque = {1, 2, 3, 4, 5, 6, 7, 8}});
  }));
  EXPECT_EQ(carrier.read_until_end(std::chrono::milliseconds(500)).pongs, 1U);
}

TEST_F(Carrier, SecondHelloEndsTheSession) {
  const auto end = end_after_hello_and(encode_hello({}));
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::protocol_violation));
}

TEST_F(Carrier, UnknownFrameEndsTheSession) {
  const auto end = end_after_hello_and(base::byte_vector{0x3f, 0x00});
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::unknown_frame));
}

TEST_F(Carrier, FrameOfALaterVersionIsSkipped) {
  raw_carrier carrier(hostile());
  ASSERT_TRUE(carrier.is_upgraded());
  auto message = encode_hello({});
  base::append(message, base::byte_vector{0x40, 0x41, 0x02, 0xaa, 0xbb});
  base::append(message, encode_frames([](wire::frame_writer& writer) {
                 writer.put(wire::ping_frame{.opaque = {1, 2, 3, 4, 5, 6, 7, 8}});
               }));
  carrier.send_message(message);
  EXPECT_EQ(carrier.read_until_end(std::chrono::milliseconds(500)).pongs, 1U);
}

TEST_F(Carrier, OversizeFrameEndsTheSession) {
  const auto end = end_after_hello_and(base::byte_vector{0x06, 0x80, 0x10, 0x00, 0x00});
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::frame_too_large));
}

TEST_F(Carrier, MalformedFrameEndsTheSession) {
  const auto end = end_after_hello_and(base::byte_vector{0x07, 0x01, 0x01});
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::frame_malformed));
}

TEST_F(Carrier, TargetOfAnUnknownKindEndsTheSession) {
  const auto end = end_after_hello_and(base::byte_vector{0x05, 0x03, 0x01, 0x09, 0x00});
  EXPECT_TRUE(end.closed);
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::target_invalid));
}

TEST_F(Carrier, EvenStreamIdEndsTheSession) {
  const auto end = end_after_hello_and([&](wire::frame_writer& writer) {
    writer.put(wire::open_frame{
        .stream = wire::stream_id{2}, .target = loopback_target(origin.port()), .payload = {}});
  });
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::stream_id_invalid));
  EXPECT_EQ(origin.accepted(), 0U);
}

TEST_F(Carrier, DataForAStreamNeverOpenedEndsTheSession) {
  const auto payload = pattern(10);
  const auto end = end_after_hello_and([&](wire::frame_writer& writer) {
    writer.put(wire::data_frame{.stream = wire::stream_id{7}, .offset = 0, .payload = payload});
  });
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::stream_id_invalid));
}

TEST_F(Carrier, DataOverTheStreamWindowEndsTheSession) {
  const auto payload = pattern(16);
  const auto end = end_after_hello_and([&](wire::frame_writer& writer) {
    writer.put(wire::open_frame{
        .stream = wire::stream_id{1}, .target = loopback_target(origin.port()), .payload = {}});
    writer.put(wire::data_frame{
        .stream = wire::stream_id{1}, .offset = wire::initial_stream_window, .payload = payload});
  });
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::window_exceeded));
}

TEST_F(Carrier, AcknowledgementOfBytesNeverSentEndsTheSession) {
  const auto end = end_after_hello_and([&](wire::frame_writer& writer) {
    writer.put(wire::open_frame{
        .stream = wire::stream_id{1}, .target = loopback_target(origin.port()), .payload = {}});
    const std::array acks{wire::stream_offset{wire::stream_id{1}, 1'000'000}};
    writer.put_acks(acks);
  });
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::offset_invalid));
}

TEST_F(Carrier, FrameThatWasNotNegotiatedEndsTheSession) {
  const auto payload = pattern(8);
  const auto end = end_after_hello_and([&](wire::frame_writer& writer) {
    writer.put(wire::datagram_frame{
        .flow = 1, .target = loopback_target(origin.port()), .payload = payload});
  });
  EXPECT_EQ(end.farewell_code, wire::to_wire(errc::frame_not_negotiated));
}

TEST_F(Carrier, MalformedFrameInTheMessageOfHelloIsCountedAsASessionError) {
  const auto before = world.gateway.metric("httvps_gateway_session_errors_total");
  end_after_hello_and(base::byte_vector{0x3f, 0x00});
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_session_errors_total", before + 1));
}

TEST_F(Carrier, ViolationOfTheWebSocketRulesIsCountedAsASessionError) {
  const auto before = world.gateway.metric("httvps_gateway_session_errors_total");
  raw_carrier carrier(hostile());
  carrier.send_message(encode_hello({}));
  carrier.send_bytes(encode_raw({.first_byte = 0x83, .payload = pattern(4)}));
  EXPECT_EQ(carrier.read_until_end().close_code, 1002);
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_session_errors_total", before + 1));
}

TEST_F(Carrier, EmptyFragmentsAndPingsBetweenThemAreFine) {
  raw_carrier carrier(hostile());
  ASSERT_TRUE(carrier.is_upgraded());
  const auto hello = encode_hello({});
  const base::byte_vector front(hello.begin(), hello.begin() + 10);
  const base::byte_vector back(hello.begin() + 10, hello.end());
  carrier.send_bytes(encode_raw({.first_byte = 0x02, .payload = front}));
  carrier.send_bytes(encode_raw({.first_byte = 0x00, .payload = {}}));
  carrier.send_bytes(encode_raw({.first_byte = 0x89, .payload = pattern(4)}));
  carrier.send_bytes(encode_raw({.first_byte = 0x80, .payload = back}));
  const auto end = carrier.read_until_end(std::chrono::milliseconds(500));
  EXPECT_FALSE(end.closed);
  EXPECT_EQ(end.pongs, 1U);
}

}
}
