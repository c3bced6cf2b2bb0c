#include "httvps/gateway/sessions/greeting.hpp"

#include <gtest/gtest.h>

#include <array>

#include "httvps/wire/frame_encoder.hpp"

namespace httvps::gateway {
namespace {

constexpr wire::session_id some_session = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

base::byte_vector encoded(const wire::hello_frame& hello) {
  base::byte_vector bytes(512);
  wire::frame_writer writer(bytes);
  const std::array states{wire::receive_state{wire::stream_id{1}, 10, 20}};
  writer.put(hello, states);
  bytes.resize(writer.written());
  return bytes;
}

wire::hello_frame good_hello() {
  return {.version = wire::protocol_version,
          .session = some_session,
          .carrier = wire::carrier_number{3},
          .may_create = wire::creation::permitted,
          .session_limit = 12345};
}

TEST(GreetingReader, UnderstandsHelloCutAnywhere) {
  auto bytes = encoded(good_hello());
  base::append(bytes, base::byte_vector{0xaa, 0xbb});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    greeting_reader reader;
    const base::byte_view whole = bytes;
    const auto first = reader.feed(whole.first(cut));
    ASSERT_TRUE(first);
    const auto second = reader.feed(whole.subspan(cut));
    ASSERT_TRUE(second);
    EXPECT_TRUE(*second);
    const auto found = reader.take();
    EXPECT_EQ(found.session, some_session);
    EXPECT_EQ(found.may_create, wire::creation::permitted);
    EXPECT_EQ(found.attachment.carrier, wire::carrier_number{3});
    EXPECT_EQ(found.attachment.peer_session_limit, 12345U);
    EXPECT_EQ(found.attachment.peer_streams.size(), 1U);
    EXPECT_EQ(found.rest, (base::byte_vector{0xaa, 0xbb}));
  }
}

TEST(GreetingReader, AnotherFrameFirstIsAViolation) {
  greeting_reader reader;
  const base::byte_vector ping = {0x0d, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(reader.feed(ping), base::result<bool>(base::fail(wire::errc::protocol_violation)));
}

TEST(GreetingReader, AnotherVersionIsNotSupported) {
  greeting_reader reader;
  auto hello = good_hello();
  hello.version = 2;
  EXPECT_EQ(reader.feed(encoded(hello)),
            base::result<bool>(base::fail(wire::errc::version_unsupported)));
}

TEST(GreetingReader, ProofByChallengeIsNotNegotiated) {
  greeting_reader reader;
  const base::byte_vector signature(64, 7);
  auto hello = good_hello();
  hello.proof = wire::proof_kind::challenge;
  hello.signature = signature;
  EXPECT_EQ(reader.feed(encoded(hello)),
            base::result<bool>(base::fail(wire::errc::frame_not_negotiated)));
}

TEST(Refusal, CarriesCodeAndSentence) {
  const auto bytes = encode_refusal(wire::errc::quota_exceeded, "Nothing left.");
  wire::frame_reader reader;
  base::byte_view input = bytes;
  const auto frame = reader.next(input);
  ASSERT_TRUE(frame && *frame);
  const auto& refusal = std::get<wire::refuse_frame>(**frame);
  EXPECT_EQ(refusal.code, wire::to_wire(wire::errc::quota_exceeded));
  EXPECT_EQ(refusal.sentence, "Nothing left.");
  EXPECT_EQ(refusal.retry_after_seconds, 0U);
  EXPECT_TRUE(input.empty());
}

TEST(Refusal, AsksForPatienceWhereTheBackendMustComeBackFirst) {
  for (const auto code : {wire::errc::backend_unavailable, wire::errc::usage_backlog_full}) {
    const auto bytes = encode_refusal(code, "Later.");
    wire::frame_reader reader;
    base::byte_view input = bytes;
    const auto frame = reader.next(input);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ(std::get<wire::refuse_frame>(**frame).retry_after_seconds, 5U);
  }
}

TEST(Refusal, CutsALongSentence) {
  const auto bytes = encode_refusal(wire::errc::quota_exceeded, std::string(2000, 'x'));
  wire::frame_reader reader;
  base::byte_view input = bytes;
  const auto frame = reader.next(input);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ(std::get<wire::refuse_frame>(**frame).sentence.size(), wire::sentence_most);
}

}
}
