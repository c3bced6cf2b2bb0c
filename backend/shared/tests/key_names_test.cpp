#include "httvps/backend/shared/key_names.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::shared {
namespace {

key_names names_of(char fill) {
  return key_names(base::secret_bytes::from_text(std::string(32, fill)));
}

TEST(KeyNames, TellNothingOfWhatTheyStandFor) {
  const auto name = names_of('k').name("rate", {"login_account", "ada@example.com"});
  EXPECT_EQ(name.find("ada"), std::string::npos);
  EXPECT_TRUE(name.starts_with("httvps:rate:"));
  EXPECT_EQ(name.size(), std::string_view("httvps:rate:").size() + 32);
}

TEST(KeyNames, DifferByKeyAndByWhereAPartEnds) {
  const auto names = names_of('k');
  EXPECT_EQ(names.digest({"a", "b"}), names_of('k').digest({"a", "b"}));
  EXPECT_NE(names.digest({"a", "b"}), names_of('l').digest({"a", "b"}));
  EXPECT_NE(names.digest({"a", "b"}), names.digest({"ab", ""}));
  EXPECT_NE(names.digest({"a", "b"}), names.digest({"ab"}));
}

}
}
