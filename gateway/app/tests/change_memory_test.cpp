#include "../src/change_memory.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

using names = std::set<std::string>;

TEST(ChangeMemory, FirstAnswerAsksForAll) {
  change_memory memory;
  const auto order = memory.take(7, {"sub_a"});
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

TEST(ChangeMemory, SameVersionAsksForNothing) {
  change_memory memory;
  static_cast<void>(memory.take(7, {"sub_a"}));
  EXPECT_FALSE(memory.take(7, {"sub_a"}));
}

TEST(ChangeMemory, LaterVersionNamesWhatChangedSince) {
  change_memory memory;
  static_cast<void>(memory.take(7, {}));
  const auto order = memory.take(9, {"plan_c", "sub_b", "sub_a"});
  ASSERT_TRUE(order && order->changed);
  EXPECT_EQ(*order->changed, (names{"plan_c", "sub_b"}));
}

TEST(ChangeMemory, MoreChangesThanAreNamedAskForAll) {
  change_memory memory;
  static_cast<void>(memory.take(7, {}));
  const auto order = memory.take(10, {"sub_b", "sub_a"});
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

TEST(ChangeMemory, EarlierVersionAsksForAll) {
  change_memory memory;
  static_cast<void>(memory.take(7, {}));
  const auto order = memory.take(6, {"sub_b"});
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

}
}
