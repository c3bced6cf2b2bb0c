#include "httvps/base/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace httvps::base {
namespace {

result<int> half(int number) {
  if (number % 2 != 0) {
    return fail(errc::invalid_argument);
  }
  return number / 2;
}

result<int> quarter(int number) {
  HTTVPS_TRY(const int once, half(number));
  HTTVPS_TRY(const int twice, half(once));
  return twice;
}

TEST(Error, TryPassesValuesOn) {
  EXPECT_EQ(quarter(8), 2);
}

TEST(Error, TryReturnsTheFirstFailure) {
  const auto outcome = quarter(6);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), errc::invalid_argument);
  EXPECT_EQ(label_of(outcome.error()), "invalid_argument");
}

TEST(Error, EveryEntryHasItsOwnLabelAndASentence) {
  std::set<std::string_view> labels;
  for (const auto& entry : base_errors().entries()) {
    EXPECT_TRUE(labels.insert(entry.label).second) << entry.label;
    EXPECT_TRUE(entry.sentence.ends_with(".")) << entry.label;
  }
}

TEST(Error, UnknownValueAndForeignCategoryStillHaveALabel) {
  EXPECT_EQ(label_of(error(999, base_errors())), "unknown");
  EXPECT_EQ(label_of(error(1, std::generic_category())), "generic");
  EXPECT_EQ(label_of(error()), "ok");
}

}
}
