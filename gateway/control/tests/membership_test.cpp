#include "httvps/gateway/control/membership.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "httvps/gateway/control/errc.hpp"
#include "temporary_folder.hpp"

namespace httvps::gateway {
namespace {

class MembershipTest : public testing::Test {
 protected:
  const temporary_folder home_;
  const std::string& dir_ = home_.path();
};

TEST_F(MembershipTest, ComesBackAsItWasStoredInAPrivateFile) {
  const membership joined{.gateway_id = "gw_1",
                          .credential = base::secret_bytes::from_text("c"),
                          .path = "/p",
                          .cookie = "k",
                          .root = "r",
                          .key_set = "s",
                          .approved = true,
                          .former_credential = base::secret_bytes::from_text("f"),
                          .revocation_version = 41};
  ASSERT_TRUE(store_membership(dir_, joined));
  const auto loaded = load_membership(dir_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->former_credential, joined.former_credential);
  EXPECT_EQ(loaded->revocation_version, 41U);
  EXPECT_EQ(loaded->gateway_id, "gw_1");
  EXPECT_EQ(loaded->credential, joined.credential);
  EXPECT_TRUE(loaded->approved);
  struct stat facts{};
  ASSERT_EQ(::stat((dir_ + "/membership.json").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(MembershipTest, IsReplacedAsAWhole) {
  membership joined{.gateway_id = "gw_1", .path = "/old"};
  ASSERT_TRUE(store_membership(dir_, joined));
  joined.path = "/new";
  ASSERT_TRUE(store_membership(dir_, joined));
  EXPECT_EQ(load_membership(dir_)->path, "/new");
}

TEST_F(MembershipTest, OneOfAnEarlierProgramHasNoFormerCredential) {
  std::ofstream(dir_ + "/membership.json")
      << R"({"gateway_id":"gw_1","credential":"c","path":"/p","cookie":"k","root":"r",)"
         R"("key_set":"s","approved":true})";
  ::chmod((dir_ + "/membership.json").c_str(), 0600);
  const auto loaded = load_membership(dir_);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->former_credential.empty());
  EXPECT_EQ(loaded->revocation_version, 0U);
}

TEST_F(MembershipTest, MissingAndDamagedFilesAreToldApart) {
  EXPECT_EQ(load_membership(dir_).error(), control_errc::membership_missing);
  std::ofstream(dir_ + "/membership.json") << "{}";
  ::chmod((dir_ + "/membership.json").c_str(), 0600);
  EXPECT_EQ(load_membership(dir_).error(), control_errc::membership_invalid);
}

}
}
