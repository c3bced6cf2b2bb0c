#include "httvps/base/slab.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

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

TEST(Slab, AllowanceFallsToTheFairShareAboveEightyPercent) {
  slab_pool pool(100 * large_slab_size);
  std::vector<std::unique_ptr<pool_share>> sharers;
  for (int i = 0; i < 10; ++i) {
    sharers.push_back(std::make_unique<pool_share>(pool));
  }
  EXPECT_EQ(pool.sharers(), 10U);
  std::vector<slab> held(100);
  for (std::size_t used = 0; used <= 80; ++used) {
    EXPECT_EQ(pool.allowance(mebibyte, 1), mebibyte);
    held[used] = pool.acquire(large_slab_size);
  }
  const auto above = pool.allowance(mebibyte, 1);
  EXPECT_LT(above, mebibyte);
  for (std::size_t used = 81; used < 90; ++used) {
    held[used] = pool.acquire(large_slab_size);
  }
  EXPECT_NEAR(static_cast<double>(pool.allowance(mebibyte, 1)),
              (static_cast<double>(mebibyte) + 10.0 * large_slab_size) / 2, 1024.0);
  for (std::size_t used = 90; used < 100; ++used) {
    held[used] = pool.acquire(large_slab_size);
  }
  EXPECT_EQ(pool.allowance(mebibyte, 1), 10 * large_slab_size);
  EXPECT_EQ(pool.allowance(mebibyte, mebibyte / 2), mebibyte / 2);
  EXPECT_EQ(pool.allowance(1000, 1), 1000U);
  sharers.clear();
  EXPECT_EQ(pool.sharers(), 0U);
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
