#include "httvps/base/checksum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace httvps::base {
namespace {

TEST(Checksum, MatchesTheVectorsOfRfc3720) {
  byte_vector rising(32);
  for (std::size_t at = 0; at < rising.size(); ++at) {
    rising[at] = static_cast<std::uint8_t>(at);
  }
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(byte_vector(32, 0)), 0x8a9136aaU);
  EXPECT_EQ(crc32c(byte_vector(32, 0xff)), 0x62a8ab43U);
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
  EXPECT_EQ(crc32c({}), 0U);
}

RC_GTEST_PROP(Checksum, AnyFlippedBitChangesIt, (byte_vector bytes, std::uint32_t at)) {
  RC_PRE(!bytes.empty());
  const auto before = crc32c(bytes);
  bytes[at / 8 % bytes.size()] ^= static_cast<std::uint8_t>(1U << (at % 8));
  RC_ASSERT(crc32c(bytes) != before);
}

}
}
