#include "ring_lock.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "temporary_folder.hpp"

namespace httvps::backend::core {
namespace {

using std::chrono::milliseconds;

class RingLock : public testing::Test {
 protected:
  const temporary_folder home;
  const std::filesystem::path folder = home.path();
};

TEST_F(RingLock, IsHeldByOneAtATime) {
  const auto path = folder / "ring";
  {
    const auto first = ring_lock::take(path);
    ASSERT_TRUE(first);
    EXPECT_EQ(ring_lock::take(path, milliseconds(60)).error(), base::errc::limit_reached);
  }
  EXPECT_TRUE(ring_lock::take(path, milliseconds(60)));
}

TEST_F(RingLock, LiesBesideTheRingForItsOwnerAlone) {
  const auto held = ring_lock::take(folder / "ring");
  ASSERT_TRUE(held);
  const auto mode = std::filesystem::status(folder / "ring.lock").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(RingLock, FollowsNoLinkAndNeedsAFolder) {
  std::filesystem::create_symlink(folder / "elsewhere", folder / "ring.lock");
  EXPECT_FALSE(ring_lock::take(folder / "ring"));
  EXPECT_FALSE(ring_lock::take(folder / "missing" / "ring"));
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

}
}
