#include "httvps/base/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace httvps::base {
namespace {

RC_GTEST_PROP(Encoding, EveryEncodingGivesTheBytesBack, (const byte_vector& bytes)) {
  RC_ASSERT((from_hex(to_hex(bytes)) == bytes));
  RC_ASSERT((from_base64url(to_base64url(bytes)) == bytes));
  RC_ASSERT((from_base64(to_base64(bytes)) == bytes));
  RC_ASSERT((percent_decode(percent_encode(as_text(bytes))) == std::string(as_text(bytes))));
}

TEST(Encoding, MatchesRfc4648Vectors) {
  EXPECT_EQ(to_base64(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(to_base64url(as_bytes("foob")), "Zm9vYg");
  EXPECT_EQ(to_base64url(byte_vector{0xfb, 0xff}), "-_8");
}

TEST(Encoding, RefusesForeignLettersAndOddLengths) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_FALSE(from_base64url("a+b/"));
  EXPECT_FALSE(from_base64url("Zm9v\n"));
  EXPECT_FALSE(from_base64("Zm9vYg"));
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(percent_decode("%zz"));
}

std::size_t accepted_letters(result<byte_vector> (*decode)(std::string_view)) {
  std::size_t accepted = 0;
  for (int letter = 0; letter < 256; ++letter) {
    accepted += decode(std::string("AAA") + static_cast<char>(letter)) ? 1U : 0U;
  }
  return accepted;
}

TEST(Encoding, AcceptsExactlyTheLettersOfEachAlphabet) {
  EXPECT_EQ(accepted_letters(from_hex), 22U);
  EXPECT_EQ(accepted_letters(from_base64url), 64U);
  EXPECT_EQ(accepted_letters(from_base64), 64U + 1U);
}

RC_GTEST_PROP(Encoding, WhatDecodesEncodesBackToTheSameText, (const byte_vector& bytes)) {
  auto text = to_base64url(bytes);
  RC_PRE(!text.empty());
  text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  const auto decoded = from_base64url(text);
  RC_ASSERT((!decoded || to_base64url(*decoded) == text));
}

TEST(Encoding, TellsValidUtf8FromOverlongAndSurrogates) {
  EXPECT_TRUE(is_valid_utf8("plain, \xd0\xb6, \xe2\x82\xac, \xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_valid_utf8("\xe0\x80\xaf"));
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
  EXPECT_FALSE(is_valid_utf8("\xe2\x82"));
}

}
}
