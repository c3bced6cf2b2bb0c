#include <gtest/gtest.h>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

class AuditVerify : public ::testing::Test {
 protected:
  program_outcome verify() {
    return run_backend(world.folder, {"audit", "verify"}, world.variables);
  }

  walk world;
};

TEST_F(AuditVerify, SaysThatTheLogIsWholeOrWhichLineIsBroken) {
  world.fill();
  const auto whole = verify();
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
  EXPECT_NE(whole.output.find("4 lines are whole; the last is 4 with hash "), std::string::npos)
      << whole.output;
  world.folder.run_sql("UPDATE audit_chain SET object = 'usr_other' WHERE seq = 2");
  const auto altered = verify();
  EXPECT_EQ(altered.exit_code, 5);
  EXPECT_NE(altered.output.find("the audit log is broken at line 2. Line 2 was altered."),
            std::string::npos)
      << altered.output;
  world.folder.run_sql("DELETE FROM audit_chain WHERE seq <= 2");
  const auto cut = verify();
  EXPECT_EQ(cut.exit_code, 5);
  EXPECT_NE(cut.output.find("Line 2 and those before it are missing"), std::string::npos)
      << cut.output;
}

TEST_F(AuditVerify, AccountLogsInWithTheRealPasswordCost) {
  const auto made = world.admin_post(
      "/admins", {{"name", "Ada"}, {"role", "support"}, {"password", "correct horse battery"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const auto opened = world.api->post("/api/v1/admin/login", "",
                                      {{"name", "Ada"}, {"password", "correct horse battery"}});
  ASSERT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(world.api->get("/api/v1/admin/me", opened.text("token")).text("name"), "Ada");
  EXPECT_EQ(world.api->get("/api/v1/admin/admins", opened.text("token")).text("code"),
            "role_denied");
  EXPECT_EQ(world.folder.everything_written().find("correct horse"), std::string::npos);
}

}
}
