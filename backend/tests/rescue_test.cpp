#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/rescue_service.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using test_support::chosen_password;
using test_support::login_world;

constexpr std::string_view fresh_password = "another long password";

class Rescue : public ::testing::Test {
 protected:
  base::result<> reset(const std::string& name) {
    return rescue.reset_admin(name, base::secret_bytes::from_text(fresh_password), world.passwords);
  }

  login_world world;
  models::admin account = world.add_account();
  services::rescue_service rescue{
      {.storage = *world.store, .clock = world.clock, .random = base::secure_random()}};
};

TEST_F(Rescue, ResetGivesANewPasswordTakesTotpOffAndEndsSessions) {
  const auto session = world.session_of();
  ASSERT_EQ(world.act(session, "me/totp").status, 200);
  const auto code = R"({"code":")" + world.totp_code_of(account.id) + R"("})";
  ASSERT_EQ(world.act(session, "me/totp:confirm", code).status, 200);
  ASSERT_EQ(world.login("Ada", chosen_password).code(), "totp_required");
  ASSERT_TRUE(reset("Ada"));
  EXPECT_EQ(world.ask(session).status, 401);
  EXPECT_EQ(world.login("Ada", chosen_password).code(), "login_refused");
  EXPECT_EQ(world.login("Ada", fresh_password).status, 200);
  EXPECT_TRUE(world.stored(account.id).totp_sealed.empty());
}

TEST_F(Rescue, UnlockLetsADisabledAccountIn) {
  ASSERT_TRUE(
      world.admins.amend(world.chief, account.id, {.state = models::admin_state::disabled}));
  ASSERT_EQ(world.login("Ada", chosen_password).code(), "login_refused");
  ASSERT_TRUE(rescue.unlock("Ada"));
  EXPECT_EQ(world.login("Ada", chosen_password).status, 200);
}

TEST_F(Rescue, IsAuditedWithTheLocalOperatorAsAuthor) {
  ASSERT_TRUE(reset("Ada"));
  ASSERT_TRUE(rescue.unlock("Ada"));
  const auto shown = world.ask(world.chief_token, "audit");
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_NE(shown.body.find("local operator"), std::string::npos);
  EXPECT_NE(shown.body.find("rescue.reset_admin"), std::string::npos);
  EXPECT_NE(shown.body.find("rescue.unlock"), std::string::npos);
}

TEST_F(Rescue, NamesAnUnknownAccount) {
  EXPECT_EQ(reset("Eve").error(), services::errc::admin_not_found);
  EXPECT_EQ(rescue.unlock("Eve").error(), services::errc::admin_not_found);
}

}
}
