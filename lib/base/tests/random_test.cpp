#include "httvps/base/random.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

namespace httvps::base {
namespace {

TEST(Random, SameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  seeded_random first(7);
  seeded_random again(7);
  seeded_random other(8);
  const auto bytes = first.take<24>();
  EXPECT_EQ(bytes, again.take<24>());
  EXPECT_NE(bytes, other.take<24>());
}

RC_GTEST_PROP(Random, BelowStaysUnderItsBound, (std::uint64_t seed)) {
  seeded_random source(seed);
  const auto bound = 1 + source.next_u64() % 5;
  for (int round = 0; round < 50; ++round) {
    RC_ASSERT(source.below(bound) < bound);
  }
}

TEST(Random, BelowReachesEveryValue) {
  seeded_random source(1);
  std::array<int, 4> seen{};
  for (int round = 0; round < 200; ++round) {
    ++seen.at(source.below(seen.size()));
  }
  EXPECT_GT(*std::ranges::min_element(seen), 0);
}

TEST(Random, SecureSourceDoesNotRepeatItself) {
  EXPECT_NE(secure_random().take<16>(), secure_random().take<16>());
}

}
}
