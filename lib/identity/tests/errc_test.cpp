#include "httvps/identity/errc.hpp"

#include <gtest/gtest.h>

#include <set>

namespace httvps::identity {
namespace {

TEST(IdentityErrors, EachHasItsOwnLabelAndASentence) {
  std::set<std::string_view> labels;
  for (const auto& entry : identity_errors().entries()) {
    labels.insert(entry.label);
    EXPECT_TRUE(entry.sentence.ends_with('.')) << entry.label;
  }
  EXPECT_EQ(labels.size(), identity_errors().entries().size());
  EXPECT_EQ(static_cast<std::size_t>(errc::sealed_record_invalid), labels.size());
}

TEST(IdentityErrors, LabelNamesTheError) {
  EXPECT_EQ(base::label_of(errc::wrong_context), "wrong_context");
  EXPECT_STREQ(make_error_code(errc::token_expired).category().name(), "identity");
}

}
}
