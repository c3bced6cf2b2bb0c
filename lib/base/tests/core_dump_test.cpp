#include "httvps/base/core_dump.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace httvps::base {
namespace {

TEST(CoreDump, IsForbiddenForGoodAndHoldsNoMemory) {
  ASSERT_FALSE(are_core_dumps_forbidden());
  ASSERT_TRUE(forbid_core_dumps());
  EXPECT_TRUE(are_core_dumps_forbidden());
  rlimit present{};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &present), 0);
  EXPECT_EQ(present.rlim_max, 0U);
  EXPECT_TRUE(forbid_core_dumps());
}

}
}
