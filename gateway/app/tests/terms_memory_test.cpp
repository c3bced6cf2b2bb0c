#include "../src/terms_memory.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

heartbeat_answer heard(std::uint64_t version, std::vector<std::string> changed) {
  return {.terms_version = version, .terms_changed = std::move(changed)};
}

using names = std::set<std::string>;

TEST(TermsMemory, FirstAnswerAsksForAll) {
  terms_memory memory;
  const auto order = memory.take(heard(7, {"sub_a"}));
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

TEST(TermsMemory, SameVersionAsksForNothing) {
  terms_memory memory;
  static_cast<void>(memory.take(heard(7, {"sub_a"})));
  EXPECT_FALSE(memory.take(heard(7, {"sub_a"})));
}

TEST(TermsMemory, LaterVersionNamesWhatChangedSince) {
  terms_memory memory;
  static_cast<void>(memory.take(heard(7, {})));
  const auto order = memory.take(heard(9, {"plan_c", "sub_b", "sub_a"}));
  ASSERT_TRUE(order && order->changed);
  EXPECT_EQ(*order->changed, (names{"plan_c", "sub_b"}));
}

TEST(TermsMemory, MoreChangesThanAreNamedAskForAll) {
  terms_memory memory;
  static_cast<void>(memory.take(heard(7, {})));
  const auto order = memory.take(heard(10, {"sub_b", "sub_a"}));
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

TEST(TermsMemory, EarlierVersionAsksForAll) {
  terms_memory memory;
  static_cast<void>(memory.take(heard(7, {})));
  const auto order = memory.take(heard(6, {"sub_b"}));
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->changed);
}

}
}
