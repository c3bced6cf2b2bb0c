#include "httvps/identity/sealed_stream.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

class SealedStream : public ::testing::Test {
 protected:
  base::seeded_random random{11};
  box_key key = box_key::generate(random);
  stream_sealer sealer = *stream_sealer::start(key.public_part(), random);
};

TEST_F(SealedStream, ComesBackPartByPart) {
  const base::byte_vector largest(sealed_part_content, 0x5a);
  const auto first = sealer.seal(largest, stream_place::more_follow);
  const auto last = sealer.seal({}, stream_place::last);
  ASSERT_TRUE(first && last);
  EXPECT_EQ(first->size(), sealed_part_size);
  auto opener = stream_opener::start(sealer.opening(), key);
  ASSERT_TRUE(opener);
  const auto opened = opener->open(*first);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->content, largest);
  EXPECT_EQ(opened->place, stream_place::more_follow);
  const auto ended = opener->open(*last);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->content.empty());
  EXPECT_EQ(ended->place, stream_place::last);
}

TEST_F(SealedStream, TooLargePartIsRefused) {
  const base::byte_vector content(sealed_part_content + 1);
  EXPECT_EQ(sealer.seal(content, stream_place::last).error(), errc::too_long);
}

TEST_F(SealedStream, AnotherKeyIsNamed) {
  const auto other = box_key::generate(random);
  EXPECT_EQ(stream_opener::start(sealer.opening(), other).error(), errc::sealed_stream_foreign);
}

TEST_F(SealedStream, EveryChangedByteOfTheOpeningIsRefused) {
  const auto part = sealer.seal(base::as_bytes("content"), stream_place::last);
  const base::byte_vector whole(sealer.opening().begin(), sealer.opening().end());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] ^= 1;
    auto opener = stream_opener::start(changed, key);
    EXPECT_FALSE(opener && opener->open(*part)) << at;
  }
  EXPECT_FALSE(stream_opener::start(base::byte_view(whole).first(whole.size() - 1), key));
}

TEST_F(SealedStream, EveryChangedByteOfAPartIsRefused) {
  const auto part = sealer.seal(base::as_bytes("content"), stream_place::last);
  for (std::size_t at = 0; at < part->size(); ++at) {
    auto changed = *part;
    changed[at] ^= 0x80;
    auto opener = stream_opener::start(sealer.opening(), key);
    EXPECT_EQ(opener->open(changed).error(), errc::sealed_stream_invalid) << at;
  }
  auto opener = stream_opener::start(sealer.opening(), key);
  EXPECT_FALSE(opener->open(base::byte_view(*part).first(16)));
}

TEST_F(SealedStream, PartsKeepTheirOrder) {
  const auto first = sealer.seal(base::as_bytes("first"), stream_place::more_follow);
  const auto second = sealer.seal(base::as_bytes("second"), stream_place::last);
  auto opener = stream_opener::start(sealer.opening(), key);
  EXPECT_FALSE(opener->open(*second));
  auto repeated = stream_opener::start(sealer.opening(), key);
  ASSERT_TRUE(repeated->open(*first));
  EXPECT_FALSE(repeated->open(*first));
}

}
}
