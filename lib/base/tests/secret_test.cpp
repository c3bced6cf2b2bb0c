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
