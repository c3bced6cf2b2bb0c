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
