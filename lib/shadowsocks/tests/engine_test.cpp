#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "httvps/shadowsocks/aead.hpp"
#include "stream_fixture.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::all_methods;
using testing::master_of;
using testing::pattern;

base::byte_vector sealed_by(aead_engine& engine, aead_position at, base::byte_view plain) {
  base::byte_vector sealed(plain.size() + tag_size);
  engine.seal(at, std::span(&plain, 1), sealed).value();
  return sealed;
}

TEST(Engine, SealsPartsAsOnePiece) {
  openssl_engine engine;
  const auto whole = pattern(1000);
  const base::byte_view view = whole;
  for (const auto method : all_methods) {
    const auto key = master_of(method);
    const std::array parts{view.first(7), base::byte_view(), view.subspan(7, 100),
                           view.subspan(107)};
    base::byte_vector sealed(whole.size() + tag_size);
    ASSERT_TRUE(engine.seal({.key = key, .counter = 5}, parts, sealed));
    EXPECT_EQ(sealed, sealed_by(engine, {.key = key, .counter = 5}, whole));
  }
}

TEST(Engine, WorksInPlace) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    const auto key = master_of(method);
    const auto plain = pattern(500);
    auto buffer = plain;
    buffer.resize(plain.size() + tag_size);
    const auto view = base::byte_view(buffer).first(plain.size());
    ASSERT_TRUE(engine.seal({.key = key, .counter = 9}, std::span(&view, 1), buffer));
    EXPECT_EQ(buffer, sealed_by(engine, {.key = key, .counter = 9}, plain));
    ASSERT_TRUE(engine.open({.key = key, .counter = 9}, buffer,
                            base::byte_span(buffer).first(plain.size())));
    buffer.resize(plain.size());
    EXPECT_EQ(buffer, plain);
  }
}

TEST(Engine, ManyKeysTakeTurnsWithoutMixing) {
  openssl_engine shared;
  std::vector<cipher_key> keys;
  for (int i = 0; i < 100; ++i) {
    keys.push_back(master_of(all_methods[static_cast<std::size_t>(i) % 3], std::to_string(i)));
  }
  const auto plain = pattern(64);
  for (std::uint64_t counter = 0; counter < 3; ++counter) {
    for (const auto& key : keys) {
      openssl_engine alone;
      const auto sealed = sealed_by(shared, {.key = key, .counter = counter}, plain);
      EXPECT_EQ(sealed, sealed_by(alone, {.key = key, .counter = counter}, plain));
      base::byte_vector opened(plain.size());
      ASSERT_TRUE(shared.open({.key = key, .counter = counter}, sealed, opened));
      EXPECT_EQ(opened, plain);
    }
  }
}

TEST(Engine, RefusesAnotherKeyCounterTagOrByte) {
  openssl_engine engine;
  for (const auto method : all_methods) {
    const auto key = master_of(method);
    const auto sealed = sealed_by(engine, {.key = key, .counter = 1}, pattern(20));
    base::byte_vector plain(20);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      auto changed = sealed;
      changed[i] ^= 1U;
      EXPECT_EQ(engine.open({.key = key, .counter = 1}, changed, plain).error(),
                errc::tag_mismatch);
      EXPECT_EQ(plain, base::byte_vector(20));
    }
    EXPECT_EQ(engine.open({.key = key, .counter = 2}, sealed, plain).error(), errc::tag_mismatch);
    EXPECT_EQ(engine.open({.key = master_of(method, "other"), .counter = 1}, sealed, plain).error(),
              errc::tag_mismatch);
  }
}

TEST(Engine, RefusesSpansThatDoNotFit) {
  openssl_engine engine;
  const auto key = master_of(cipher_method::aes_128_gcm);
  const base::byte_vector plain(10);
  const base::byte_view view = plain;
  base::byte_vector wrong(25);
  EXPECT_FALSE(engine.seal({.key = key, .counter = 0}, std::span(&view, 1), wrong));
  EXPECT_FALSE(engine.open({.key = key, .counter = 0}, view, wrong));
  EXPECT_FALSE(engine.open({.key = key, .counter = 0}, base::byte_view(wrong), wrong));
}

}
}
