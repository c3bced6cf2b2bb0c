#include "httvps/shadowsocks/stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/base/encoding.hpp"
#include "stream_fixture.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::all_methods;
using testing::master_of;
using testing::open_in_pieces;
using testing::pattern;
using testing::salt_of;
using testing::seal_stream;

constexpr std::uint64_t request_seed = 99;

stream_decryptor decryptor_for(aead_engine& engine, cipher_method method) {
  return {engine, master_of(method), salt_of(method, request_seed)};
}

base::byte_vector sealed_with_length(aead_engine& engine, std::array<std::uint8_t, 2> length) {
  const auto method = cipher_method::aes_128_gcm;
  const auto with = salt_of(method, 1);
  const auto key = derive_session_key(master_of(method), with).value();
  base::byte_vector bytes(with.view().begin(), with.view().end());
  bytes.resize(bytes.size() + sealed_length_size);
  const base::byte_view part = length;
  engine
      .seal({.key = key, .counter = 0}, std::span(&part, 1),
            base::byte_span(bytes).last(sealed_length_size))
      .value();
  return bytes;
}

TEST(Stream, DecodesAtEverySplit) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    const auto sealed = seal_stream(method, {pattern(1), pattern(40), pattern(3)});
    for (std::size_t split = 0; split <= sealed.bytes.size(); ++split) {
      auto decryptor = decryptor_for(engine, method);
      const base::byte_view bytes = sealed.bytes;
      auto plain = open_in_pieces(decryptor, bytes.first(split), bytes.size()).value();
      base::append(plain, open_in_pieces(decryptor, bytes.subspan(split), bytes.size()).value());
      EXPECT_EQ(plain, sealed.plain) << split;
      EXPECT_TRUE(decryptor.at_boundary());
    }
  }
}

RC_GTEST_PROP(Stream, EncodesAndDecodesInPiecesOfAnySize, ()) {
  const auto method = static_cast<cipher_method>(*rc::gen::inRange(0, 3));
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(1, max_chunk_payload + 1));
  const auto piece = *rc::gen::inRange<std::size_t>(1, 70000);
  std::vector<base::byte_vector> parts;
  for (const auto size : sizes) {
    parts.push_back(pattern(size));
  }
  openssl_engine engine;
  auto decryptor = decryptor_for(engine, method);
  const auto sealed = seal_stream(method, parts);
  RC_ASSERT((open_in_pieces(decryptor, sealed.bytes, piece) == sealed.plain));
  RC_ASSERT(decryptor.owned_bytes() == 0U);
}

TEST(Stream, AnyFlippedBitEndsTheStream) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    const auto sealed = seal_stream(method, {pattern(9), pattern(2)});
    for (std::size_t bit = 0; bit < sealed.bytes.size() * 8; ++bit) {
      auto changed = sealed.bytes;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      auto decryptor = decryptor_for(engine, method);
      const auto opened = open_in_pieces(decryptor, changed, changed.size());
      ASSERT_FALSE(opened) << bit;
      EXPECT_EQ(opened.error(), errc::tag_mismatch);
    }
  }
}

TEST(Stream, FailureStays) {
  openssl_engine engine;
  const auto sealed = seal_stream(cipher_method::aes_256_gcm, {pattern(9)});
  auto changed = sealed.bytes;
  changed.back() ^= 1U;
  auto decryptor = decryptor_for(engine, cipher_method::aes_256_gcm);
  base::byte_vector room(max_chunk_payload);
  EXPECT_EQ(decryptor.open(changed, room).error(), errc::tag_mismatch);
  EXPECT_EQ(decryptor.open(sealed.bytes, room).error(), errc::tag_mismatch);
  EXPECT_EQ(decryptor.open({}, room).error(), errc::tag_mismatch);
}

TEST(Stream, ChunksBeforeABrokenOneAreDelivered) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    auto sealed = seal_stream(method, {pattern(9), pattern(7), pattern(5)});
    sealed.bytes.back() ^= 1U;
    auto decryptor = decryptor_for(engine, method);
    base::byte_vector room(max_chunk_payload);
    const base::byte_view in = sealed.bytes;
    const auto done = decryptor.open(in, room).value();
    EXPECT_EQ(done.produced, 16U);
    EXPECT_LT(done.consumed, in.size());
    EXPECT_EQ(decryptor.open(in.subspan(done.consumed), room).error(), errc::tag_mismatch);
  }
}

TEST(Stream, RefusesAnotherKey) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    stream_decryptor decryptor(engine, master_of(method, "other"), salt_of(method, request_seed));
    const auto sealed = seal_stream(method, {pattern(9)});
    EXPECT_EQ(open_in_pieces(decryptor, sealed.bytes, 1000).error(), errc::tag_mismatch);
  }
}

TEST(Stream, RefusesOwnSaltInTheAnswer) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    const auto reflected = seal_stream(method, {pattern(9)}, request_seed);
    auto decryptor = decryptor_for(engine, method);
    EXPECT_EQ(open_in_pieces(decryptor, reflected.bytes, 1).error(), errc::salt_reflected);
  }
}

TEST(Stream, RefusesEmptyAndTooLongChunks) {
  openssl_engine engine;
  base::byte_vector room(max_chunk_payload);
  const auto refusal = [&](std::array<std::uint8_t, 2> length) {
    auto decryptor = decryptor_for(engine, cipher_method::aes_128_gcm);
    return decryptor.open(sealed_with_length(engine, length), room);
  };
  EXPECT_EQ(refusal({0x00, 0x00}).error(), errc::chunk_empty);
  EXPECT_EQ(refusal({0x40, 0x00}).error(), errc::chunk_too_long);
  EXPECT_EQ(refusal({0xff, 0xff}).error(), errc::chunk_too_long);
  EXPECT_TRUE(refusal({0x3f, 0xff}));
}

TEST(Stream, SealerRefusesEmptyTooLongAndTooSmallOutput) {
  openssl_engine engine;
  const auto method = cipher_method::aes_256_gcm;
  auto encryptor = stream_encryptor::start(engine, master_of(method), salt_of(method, 1)).value();
  base::byte_vector room(encryptor.next_sealed_size(max_chunk_payload));
  const auto whole = pattern(max_chunk_payload + 1);
  const base::byte_view view = whole;
  EXPECT_EQ(encryptor.seal(room, base::byte_view()).error(), errc::payload_empty);
  EXPECT_EQ(encryptor.seal(room, view).error(), errc::payload_too_long);
  EXPECT_EQ(encryptor.seal(base::byte_span(room).first(100), view.first(100)).error(),
            errc::output_too_small);
  EXPECT_EQ(encryptor.seal(room, view.first(max_chunk_payload)), room.size());
  EXPECT_EQ(encryptor.next_sealed_size(1), sealed_size(1));
}

TEST(Stream, WaitsForRoomWithoutLosingBytes) {
  openssl_engine engine;
  const auto method = cipher_method::chacha20_ietf_poly1305;
  const auto sealed = seal_stream(method, {pattern(300)});
  for (const std::size_t piece : {sealed.bytes.size(), std::size_t{120}}) {
    auto decryptor = decryptor_for(engine, method);
    base::byte_vector small(299);
    base::byte_view in = sealed.bytes;
    while (in.size() > 0) {
      const auto done = decryptor.open(in.first(std::min(piece, in.size())), small).value();
      EXPECT_EQ(done.produced, 0U);
      in = in.subspan(done.consumed);
      if (done.consumed == 0) {
        break;
      }
    }
    EXPECT_EQ(decryptor.next_payload_size(), 300U);
    base::byte_vector enough(300);
    EXPECT_EQ(decryptor.open(in, enough).value().produced, 300U);
    EXPECT_EQ(enough, sealed.plain);
  }
}

TEST(Stream, OwnsABufferOnlyWhileAChunkIsPartial) {
  openssl_engine engine;
  const auto method = cipher_method::aes_256_gcm;
  const auto sealed = seal_stream(method, {pattern(max_chunk_payload), pattern(5)});
  auto decryptor = decryptor_for(engine, method);
  base::byte_vector room(max_chunk_payload + 5);
  const base::byte_view bytes = sealed.bytes;
  const auto early = salt_size(method) + sealed_length_size;
  ASSERT_TRUE(decryptor.open(bytes.first(early), room));
  EXPECT_EQ(decryptor.owned_bytes(), 0U);
  ASSERT_TRUE(decryptor.open(bytes.subspan(early, 1), room));
  EXPECT_EQ(decryptor.owned_bytes(), max_chunk_payload + tag_size);
  EXPECT_FALSE(decryptor.at_boundary());
  EXPECT_EQ(decryptor.open(bytes.subspan(early + 1), room).value().produced, room.size());
  EXPECT_EQ(decryptor.owned_bytes(), 0U);
  EXPECT_EQ(room, sealed.plain);
}

}
}
