#include "httvps/net/websocket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr websocket_mask sample_mask = {0x37, 0xfa, 0x21, 0x3d};

struct decoded {
  base::byte_vector payload;
  std::vector<std::size_t> message_ends;
  std::vector<std::pair<websocket_event_kind, base::byte_vector>> control;
  std::uint16_t close_code = 0;
  base::error failure;

  friend bool operator==(const decoded&, const decoded&) = default;
};

void note(decoded& into, const websocket_event& event) {
  base::byte_vector bytes(event.payload.begin(), event.payload.end());
  switch (event.kind) {
    case websocket_event_kind::payload:
      base::append(into.payload, bytes);
      break;
    case websocket_event_kind::message_end:
      into.message_ends.push_back(into.payload.size());
      break;
    case websocket_event_kind::close:
      into.close_code = event.close_code;
      [[fallthrough]];
    default:
      into.control.emplace_back(event.kind, std::move(bytes));
  }
}

bool feed(websocket_decoder& decoder, base::byte_vector bytes, decoded& into) {
  base::byte_span input = bytes;
  while (true) {
    const auto event = decoder.next(input);
    if (!event) {
      into.failure = event.error();
      return false;
    }
    if (event->kind == websocket_event_kind::need_more) {
      return input.empty();
    }
    note(into, *event);
  }
}

decoded decode_in(const std::vector<base::byte_vector>& pieces,
                  websocket_decoder_options chosen = {}) {
  websocket_decoder decoder(chosen);
  decoded into;
  for (const auto& piece : pieces) {
    if (!feed(decoder, piece, into)) {
      break;
    }
  }
  return into;
}

struct frame_parts {
  std::uint8_t first = 0x82;
  base::byte_vector payload = {};
  const websocket_mask* mask = &sample_mask;
};

base::byte_vector frame_of(const frame_parts& parts) {
  auto header = encode_header({.length = parts.payload.size(), .mask = parts.mask});
  header.bytes[0] = parts.first;
  base::byte_vector bytes(header.view().begin(), header.view().end());
  const auto start = bytes.size();
  base::append(bytes, parts.payload);
  if (parts.mask != nullptr) {
    apply_mask(base::byte_span(bytes).subspan(start), *parts.mask);
  }
  return bytes;
}

base::byte_vector joined(const std::vector<base::byte_vector>& parts) {
  base::byte_vector all;
  for (const auto& part : parts) {
    base::append(all, part);
  }
  return all;
}

base::error failure_of(const base::byte_vector& bytes, websocket_decoder_options chosen = {}) {
  return decode_in({bytes}, chosen).failure;
}

base::byte_vector text_bytes(std::string_view text) {
  const auto view = base::as_bytes(text);
  return {view.begin(), view.end()};
}

TEST(WebsocketDecoder, TheMaskedHelloOfTheStandardDecodes) {
  base::byte_vector wire = {0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
  const auto got = decode_in({wire});
  EXPECT_EQ(got.payload, text_bytes("Hello"));
  EXPECT_EQ(got.message_ends, std::vector<std::size_t>{5});
  EXPECT_FALSE(got.failure);
}

TEST(WebsocketDecoder, FragmentsJoinAndControlFramesMayComeBetweenThem) {
  const auto wire = joined({frame_of({.first = 0x02, .payload = text_bytes("Hel")}),
                            frame_of({.first = 0x89, .payload = text_bytes("?")}),
                            frame_of({.first = 0x80, .payload = text_bytes("lo")})});
  const auto got = decode_in({wire});
  EXPECT_EQ(got.payload, text_bytes("Hello"));
  EXPECT_EQ(got.message_ends, std::vector<std::size_t>{5});
  ASSERT_EQ(got.control.size(), 1U);
  EXPECT_EQ(got.control[0].first, websocket_event_kind::ping);
  EXPECT_EQ(got.control[0].second, text_bytes("?"));
}

TEST(WebsocketDecoder, EmptyMessagesEnd) {
  const auto got = decode_in({joined({frame_of({}), frame_of({})})});
  EXPECT_EQ(got.message_ends, (std::vector<std::size_t>{0, 0}));
}

TEST(WebsocketDecoder, CloseCarriesCodeAndReasonAndEndsTheInput) {
  base::byte_vector payload = {0x03, 0xe9};
  base::append(payload, base::as_bytes("bye"));
  const auto got = decode_in(
      {joined({frame_of({.first = 0x88, .payload = payload}), base::byte_vector(40, 0xff)})});
  EXPECT_EQ(got.close_code, 1001);
  ASSERT_EQ(got.control.size(), 1U);
  EXPECT_EQ(got.control[0].second, text_bytes("bye"));
  EXPECT_FALSE(got.failure);
}

TEST(WebsocketDecoder, CloseWithoutACodeIsAllowed) {
  const auto got = decode_in({frame_of({.first = 0x88})});
  ASSERT_EQ(got.control.size(), 1U);
  EXPECT_EQ(got.control[0].first, websocket_event_kind::close);
  EXPECT_EQ(got.close_code, 0);
}

TEST(WebsocketDecoder, ReservedBitsAreRefused) {
  for (const int bit : {0x10, 0x20, 0x40}) {
    EXPECT_EQ(failure_of(frame_of({.first = static_cast<std::uint8_t>(0x82 | bit)})),
              errc::websocket_reserved_bits);
  }
}

TEST(WebsocketDecoder, UnknownOpcodesAreRefused) {
  for (const int opcode : {0x3, 0x7, 0xb, 0xf}) {
    EXPECT_EQ(failure_of(frame_of({.first = static_cast<std::uint8_t>(0x80 | opcode)})),
              errc::websocket_unknown_opcode);
  }
}

TEST(WebsocketDecoder, AServerRefusesUnmaskedFramesAndAClientMaskedOnes) {
  EXPECT_EQ(failure_of(frame_of({.mask = nullptr})), errc::websocket_mask_missing);
  EXPECT_EQ(failure_of(frame_of({}), {.role = websocket_role::client}),
            errc::websocket_mask_forbidden);
}

TEST(WebsocketDecoder, TextMessagesAreRefused) {
  EXPECT_EQ(failure_of(frame_of({.first = 0x81})), errc::websocket_text_refused);
}

TEST(WebsocketDecoder, ControlFramesMustBeShortAndWhole) {
  EXPECT_EQ(failure_of(frame_of({.first = 0x89, .payload = base::byte_vector(126)})),
            errc::websocket_control_too_long);
  EXPECT_EQ(failure_of(frame_of({.first = 0x09})), errc::websocket_control_fragmented);
  EXPECT_FALSE(failure_of(frame_of({.first = 0x89, .payload = base::byte_vector(125)})));
}

TEST(WebsocketDecoder, ContinuationsMustFollowAnOpenMessageAndOnlyThey) {
  EXPECT_EQ(failure_of(frame_of({.first = 0x80})), errc::websocket_continuation_unexpected);
  EXPECT_EQ(failure_of(joined({frame_of({.first = 0x02}), frame_of({})})),
            errc::websocket_continuation_missing);
}

TEST(WebsocketDecoder, LengthsMustBeInTheirShortestForm) {
  EXPECT_EQ(failure_of({0x82, 0xfe, 0x00, 0x7d, 0, 0, 0, 0}), errc::websocket_length_not_minimal);
  EXPECT_EQ(failure_of({0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}),
            errc::websocket_length_not_minimal);
}

TEST(WebsocketDecoder, TheMessageLimitCountsAllFragmentsOfAMessage) {
  const websocket_decoder_options limited = {.message_limit = 10};
  const auto half = frame_of({.first = 0x02, .payload = base::byte_vector(5)});
  const auto rest = frame_of({.first = 0x80, .payload = base::byte_vector(5)});
  const auto over = frame_of({.first = 0x80, .payload = base::byte_vector(6)});
  EXPECT_FALSE(failure_of(joined({half, rest, half, rest}), limited));
  EXPECT_EQ(failure_of(joined({half, over}), limited), errc::websocket_message_too_large);
}

TEST(WebsocketDecoder, ALengthWithTheHighestBitIsTooLarge) {
  EXPECT_EQ(failure_of({0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}),
            errc::websocket_message_too_large);
}

TEST(WebsocketDecoder, CloseFramesWithABadCodeOrReasonAreRefused) {
  EXPECT_EQ(failure_of(frame_of({.first = 0x88, .payload = {0x03}})),
            errc::websocket_close_malformed);
  EXPECT_EQ(failure_of(frame_of({.first = 0x88, .payload = {0x03, 0xed}})),
            errc::websocket_close_malformed);
  EXPECT_EQ(failure_of(frame_of({.first = 0x88, .payload = {0x03, 0xe8, 0xff}})),
            errc::websocket_close_malformed);
}

struct conversation {
  base::byte_vector wire;
  decoded expected;
};

websocket_mask random_mask() {
  return {*rc::gen::arbitrary<std::uint8_t>(), *rc::gen::arbitrary<std::uint8_t>(),
          *rc::gen::arbitrary<std::uint8_t>(), *rc::gen::arbitrary<std::uint8_t>()};
}

conversation random_conversation() {
  conversation made;
  const int messages = *rc::gen::inRange(1, 6);
  for (int message = 0; message < messages; ++message) {
    const int fragments = *rc::gen::inRange(1, 4);
    for (int fragment = 0; fragment < fragments; ++fragment) {
      const auto mask = random_mask();
      const auto size = *rc::gen::element<std::size_t>(0, 1, 3, 7, 8, 125, 126, 300, 70000);
      const auto seed = *rc::gen::arbitrary<std::uint64_t>();
      base::byte_vector payload(size);
      base::seeded_random(seed).fill(payload);
      const int opcode = fragment == 0 ? 2 : 0;
      const int end = fragment + 1 == fragments ? 0x80 : 0;
      base::append(made.wire, frame_of({.first = static_cast<std::uint8_t>(end | opcode),
                                        .payload = payload,
                                        .mask = &mask}));
      base::append(made.expected.payload, payload);
      if (*rc::gen::inRange(0, 4) == 0) {
        const auto ping = *rc::gen::resize(20, rc::gen::arbitrary<base::byte_vector>());
        base::append(made.wire, frame_of({.first = 0x89, .payload = ping, .mask = &mask}));
        made.expected.control.emplace_back(websocket_event_kind::ping, ping);
      }
    }
    made.expected.message_ends.push_back(made.expected.payload.size());
  }
  return made;
}

std::vector<base::byte_vector> split_randomly(const base::byte_vector& wire) {
  std::vector<base::byte_vector> pieces;
  std::size_t start = 0;
  while (start < wire.size()) {
    const auto size = *rc::gen::element<std::size_t>(1, 2, 3, 5, 13, 100, 4096, 50000);
    const auto end = std::min(wire.size(), start + size);
    pieces.emplace_back(wire.begin() + static_cast<std::ptrdiff_t>(start),
                        wire.begin() + static_cast<std::ptrdiff_t>(end));
    start = end;
  }
  return pieces;
}

std::vector<std::size_t> sizes_of_messages(const decoded& got) {
  return got.message_ends;
}

RC_GTEST_PROP(WebsocketDecoder, AnySplitDecodesToTheSameMessages, ()) {
  const auto made = random_conversation();
  const auto got = decode_in(split_randomly(made.wire));
  RC_ASSERT(!got.failure);
  RC_ASSERT(got.payload == made.expected.payload);
  RC_ASSERT(got.control == made.expected.control);
  RC_ASSERT(sizes_of_messages(got) == made.expected.message_ends);
}

TEST(WebsocketDecoder, EverySplitOfAShortConversationDecodesTheSame) {
  const auto wire = joined({frame_of({.first = 0x02, .payload = text_bytes("Hel")}),
                            frame_of({.first = 0x89, .payload = text_bytes("ping")}),
                            frame_of({.first = 0x80, .payload = base::byte_vector(200, 7)}),
                            frame_of({.first = 0x88, .payload = {0x03, 0xe8}})});
  const auto whole = decode_in({wire});
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    const auto middle = wire.begin() + static_cast<std::ptrdiff_t>(cut);
    EXPECT_EQ(decode_in({{wire.begin(), middle}, {middle, wire.end()}}), whole) << cut;
  }
}

RC_GTEST_PROP(WebsocketDecoder, NoiseEndsInANamedErrorOrWaitsForMore,
              (const base::byte_vector& noise)) {
  const auto got = decode_in({noise});
  RC_ASSERT((!got.failure || &got.failure.category() == &net_errors()));
}

RC_GTEST_PROP(WebsocketMask, AppliedTwiceIsTheIdentity, (const base::byte_vector& bytes)) {
  const auto mask = random_mask();
  const std::size_t phase = *rc::gen::inRange<std::size_t>(0, 4);
  auto changed = bytes;
  apply_mask(changed, mask, phase);
  apply_mask(changed, mask, phase);
  RC_ASSERT(changed == bytes);
}

RC_GTEST_PROP(WebsocketMask, CopyEqualsTheByteWiseDefinition, (const base::byte_vector& bytes)) {
  const auto mask = random_mask();
  base::byte_vector copied(bytes.size());
  copy_masked(copied, bytes, mask);
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    RC_ASSERT(copied[index] == (bytes[index] ^ mask[index % 4]));
  }
}

TEST(WebsocketEncoder, HeadersUseTheShortestLength) {
  EXPECT_EQ(encode_header({.length = 125}).size, 2U);
  EXPECT_EQ(encode_header({.length = 126}).size, 4U);
  EXPECT_EQ(encode_header({.length = 65535}).size, 4U);
  EXPECT_EQ(encode_header({.length = 65536}).size, 10U);
  EXPECT_EQ(encode_header({.length = 65536, .mask = &sample_mask}).size, 14U);
}

TEST(WebsocketEncoder, ControlFramesDecodeAgain) {
  const auto payload = text_bytes("are you there");
  const auto frame =
      encode_control({.opcode = websocket_opcode::pong, .payload = payload, .mask = &sample_mask});
  const auto got = decode_in({{frame.view().begin(), frame.view().end()}});
  ASSERT_EQ(got.control.size(), 1U);
  EXPECT_EQ(got.control[0].first, websocket_event_kind::pong);
  EXPECT_EQ(got.control[0].second, payload);
}

TEST(WebsocketEncoder, CloseCodesNameTheViolation) {
  EXPECT_EQ(close_code_for({}), 1000);
  EXPECT_EQ(close_code_for(errc::websocket_message_too_large), 1009);
  EXPECT_EQ(close_code_for(errc::websocket_text_refused), 1003);
  EXPECT_EQ(close_code_for(errc::websocket_reserved_bits), 1002);
}

TEST(WebsocketHandshake, AcceptValueIsTheOneOfTheStandard) {
  EXPECT_EQ(websocket_accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebsocketHandshake, KeysAreSixteenBytesInBase64) {
  base::seeded_random random(1);
  EXPECT_EQ(make_websocket_key(random).size(), 24U);
}

}
}
