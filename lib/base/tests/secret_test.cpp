#include "httvps/base/secret.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>

namespace httvps::base {
namespace {

template <typename Value>
concept printable = requires(std::ostream& out, const Value& value) { out << value; };

TEST(Secret, ComparesBySizeAndContent) {
  EXPECT_EQ(secret_bytes::from_text("same"), secret_bytes::from_text("same"));
  EXPECT_NE(secret_bytes::from_text("same"), secret_bytes::from_text("samf"));
  EXPECT_NE(secret_bytes::from_text("same"), secret_bytes::from_text("sam"));
}

TEST(Secret, ADifferenceInAnyByteOfAnySizeIsSeen) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const byte_vector one(size, 0x5a);
    EXPECT_TRUE(equal_in_constant_time(one, byte_vector(one)));
    for (std::size_t at = 0; at < size; ++at) {
      auto other = one;
      other[at] ^= 0x80;
      EXPECT_FALSE(equal_in_constant_time(one, other)) << size << " " << at;
    }
  }
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

TEST(Secret, CannotBePrintedOrFormatted) {
  EXPECT_FALSE(printable<secret_bytes>);
  EXPECT_FALSE(fmt::is_formattable<secret_bytes>::value);
}

TEST(Secret, MovedFromSecretIsEmpty) {
  auto first = secret_bytes::from_text("key");
  const auto second = std::move(first);
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.reveal_text(), "key");
}

TEST(Secret, WipeZeroesEveryByte) {
  byte_vector bytes{1, 2, 3};
  wipe(bytes);
  EXPECT_EQ(bytes, (byte_vector{0, 0, 0}));
}

}
}
