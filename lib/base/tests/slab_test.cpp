#include "httvps/base/slab.hpp"

#include <gtest/gtest.h>

namespace httvps::base {
namespace {

TEST(Slab, ChoosesTheSizeClassByNeed) {
  slab_pool pool(mebibyte);
  EXPECT_EQ(pool.acquire(1).capacity(), small_slab_size);
  EXPECT_EQ(pool.acquire(small_slab_size + 1).capacity(), large_slab_size);
}

TEST(Slab, CountsUseAndGivesBackOnRelease) {
  slab_pool pool(mebibyte);
  auto first = pool.acquire(large_slab_size);
  EXPECT_EQ(pool.used(), large_slab_size);
  auto second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(pool.used(), large_slab_size);
  second.release();
  EXPECT_EQ(pool.used(), 0U);
}

TEST(Slab, RefusesPastTheLimit) {
  slab_pool pool(2 * large_slab_size);
  const auto first = pool.acquire(large_slab_size);
  const auto second = pool.acquire(large_slab_size);
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(pool.acquire(1));
  EXPECT_TRUE(pool.under_pressure());
}

TEST(Slab, ViewFollowsCommitAndDropFront) {
  slab_pool pool(mebibyte);
  auto block = pool.acquire(16);
  block.free_space()[0] = 7;
  block.free_space()[1] = 9;
  block.commit(2);
  block.drop_front(1);
  ASSERT_EQ(block.size(), 1U);
  EXPECT_EQ(block.view()[0], 9);
  EXPECT_EQ(block.free_space().size(), small_slab_size - 2);
}

}
}
