#include "httvps/shadowsocks/engine_choice.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "stream_fixture.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::all_methods;
using testing::pattern;

cipher_key drawn_key() {
  const auto method = *rc::gen::elementOf(std::vector(all_methods.begin(), all_methods.end()));
  const auto bytes =
      *rc::gen::container<base::byte_vector>(key_size(method), rc::gen::arbitrary<std::uint8_t>());
  return cipher_key::from_bytes(method, bytes).value();
}

RC_GTEST_PROP(EngineChoice, EnginesAgreeOnEveryByteAndTag, (std::uint64_t counter)) {
  const auto key = drawn_key();
  const auto plain = pattern(*rc::gen::inRange<std::size_t>(0, 20'000));
  const auto cut = *rc::gen::inRange<std::size_t>(0, plain.size() + 1);
  const base::byte_view whole = plain;
  const std::array parts{whole.first(cut), whole.subspan(cut)};
  const auto one = make_engine(engine_choice::openssl).value().engine;
  const auto other = make_engine(engine_choice::automatic).value().engine;
  base::byte_vector first(plain.size() + tag_size);
  auto second = first;
  auto third = first;
  RC_ASSERT(one->seal({.key = key, .counter = counter}, parts, first).has_value());
  RC_ASSERT(other->seal({.key = key, .counter = counter}, parts, second).has_value());
  RC_ASSERT(other->seal({.key = key, .counter = counter}, std::span(&whole, 1), third).has_value());
  RC_ASSERT(first == second);
  RC_ASSERT(first == third);
  base::byte_vector opened(plain.size());
  RC_ASSERT(other->open({.key = key, .counter = counter}, first, opened).has_value());
  RC_ASSERT(opened == plain);
}

RC_GTEST_PROP(EngineChoice, EveryEngineRefusesAChangedByteAndShowsNothing,
              (std::uint64_t counter)) {
  const auto key = drawn_key();
  const auto plain = pattern(*rc::gen::inRange<std::size_t>(1, 2'000));
  const base::byte_view whole = plain;
  for (const auto choice : {engine_choice::openssl, engine_choice::automatic}) {
    const auto engine = make_engine(choice).value().engine;
    base::byte_vector sealed(plain.size() + tag_size);
    RC_ASSERT(
        engine->seal({.key = key, .counter = counter}, std::span(&whole, 1), sealed).has_value());
    sealed[*rc::gen::inRange<std::size_t>(0, sealed.size())] ^= 1U;
    base::byte_vector opened(plain.size(), 1);
    const auto outcome = engine->open({.key = key, .counter = counter}, sealed, opened);
    RC_ASSERT(!outcome.has_value());
    RC_ASSERT((outcome.error() == errc::tag_mismatch));
    RC_ASSERT(opened == base::byte_vector(plain.size()));
  }
}

TEST(EngineChoice, NamesTheEngineThatRuns) {
  EXPECT_EQ(make_engine(engine_choice::openssl).value().name, "openssl");
  const auto best = make_engine(engine_choice::automatic).value();
  const bool fast = supported_engines() == engine_support::ipsec_mb_too;
  EXPECT_EQ(best.name, fast ? "ipsec-mb" : "openssl");
  EXPECT_NE(best.engine, nullptr);
  EXPECT_EQ(make_engine(engine_choice::ipsec_mb).has_value(), fast);
}

TEST(EngineChoice, AutomaticTakesWhatTheProcessorOffers) {
  using enum engine_support;
  EXPECT_EQ(settle(engine_choice::automatic, ipsec_mb_too).value(), engine_choice::ipsec_mb);
  EXPECT_EQ(settle(engine_choice::automatic, openssl_only).value(), engine_choice::openssl);
  EXPECT_EQ(settle(engine_choice::openssl, ipsec_mb_too).value(), engine_choice::openssl);
  EXPECT_EQ(settle(engine_choice::ipsec_mb, ipsec_mb_too).value(), engine_choice::ipsec_mb);
}

TEST(EngineChoice, WhatWasAskedForAndIsNotThereIsAnError) {
  const auto settled = settle(engine_choice::ipsec_mb, engine_support::openssl_only);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error(), errc::engine_unavailable);
}

TEST(EngineChoice, NamesAreReadAndOthersRefused) {
  EXPECT_EQ(engine_from_name("auto").value(), engine_choice::automatic);
  EXPECT_EQ(engine_from_name("openssl").value(), engine_choice::openssl);
  EXPECT_EQ(engine_from_name("ipsec-mb").value(), engine_choice::ipsec_mb);
  EXPECT_EQ(engine_from_name("fastest").error(), errc::unknown_engine);
}

TEST(EngineChoice, ManyKeysTakeTurnsInEveryEngine) {
  const auto shared = make_engine(engine_choice::automatic).value().engine;
  openssl_engine reference;
  const auto plain = pattern(64);
  const base::byte_view whole = plain;
  for (int turn = 0; turn < 300; ++turn) {
    const auto method = all_methods[static_cast<std::size_t>(turn) % all_methods.size()];
    const auto key = testing::master_of(method, std::to_string(turn % 100));
    base::byte_vector sealed(plain.size() + tag_size);
    auto expected = sealed;
    ASSERT_TRUE(shared->seal({.key = key, .counter = 1}, std::span(&whole, 1), sealed));
    ASSERT_TRUE(reference.seal({.key = key, .counter = 1}, std::span(&whole, 1), expected));
    EXPECT_EQ(sealed, expected);
  }
}

}
}
