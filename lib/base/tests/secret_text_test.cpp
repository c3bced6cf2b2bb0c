#include "httvps/base/secret_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/string.hpp>

namespace httvps::base {
namespace {

template <typename Text>
class SecretText : public testing::Test {};

using texts = testing::Types<std::string, boost::json::string>;
TYPED_TEST_SUITE(SecretText, texts);

TYPED_TEST(SecretText, IsTakenAndLeavesZeroesOfTheSameSize) {
  for (const auto* letters : {"short", "a credential that is longer than any short string"}) {
    TypeParam text(letters);
    const TypeParam zeroes(text.size(), '\0');
    EXPECT_EQ(take_text(text).reveal_text(), letters);
    EXPECT_EQ(text, zeroes);
  }
}

}
}
