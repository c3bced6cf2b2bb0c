#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using ::testing::HasSubstr;

class RescueProgram : public ::testing::Test {
 protected:
  RescueProgram() {
    const auto made =
        world.admin_post("/admins", {{"name", "Ada"}, {"role", "admin"}, {"password", first}});
    EXPECT_EQ(made.status, 201) << made.body;
    ada = made.text("id");
  }

  std::string write_password(std::string_view text, mode_t mode = 0600) const {
    const auto path = world.folder.file("password");
    std::ofstream(path) << text << '\n';
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  program_outcome rescue(std::vector<std::string> words) const {
    words.insert(words.begin(), "rescue");
    return run_backend(world.folder, words, world.variables);
  }

  int login(const std::string& password) const {
    return world.api->post("/api/v1/admin/login", "", {{"name", "Ada"}, {"password", password}})
        .status;
  }

  const std::string first = "correct horse battery";
  const std::string second = "another horse battery";
  walk world;
  std::string ada;
};

TEST_F(RescueProgram, GivesANewPasswordWhileTheBackendServes) {
  const auto done = rescue({"reset-admin", "Ada", "--password-file", write_password(second)});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(done.output, "Ada has a new password, no TOTP and no sessions\n");
  EXPECT_EQ(login(first), 401);
  EXPECT_EQ(login(second), 200);
  const auto lines = world.admin_get("/audit?action=rescue.reset_admin");
  EXPECT_THAT(lines.body, HasSubstr("local operator"));
}

TEST_F(RescueProgram, LetsADisabledAdministratorInAgain) {
  world.folder.run_sql("UPDATE admins SET state = 'disabled' WHERE id = '" + ada + "'");
  EXPECT_EQ(login(first), 401);
  const auto done = rescue({"unlock", "Ada"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(done.output, "Ada is active\n");
  EXPECT_EQ(login(first), 200);
}

TEST_F(RescueProgram, RefusesWithASentenceAndAnExitCode) {
  const auto unknown = rescue({"unlock", "Grace"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("(admin_not_found)"));
  const auto brief = rescue({"reset-admin", "Ada", "--password-file", write_password("short")});
  EXPECT_EQ(brief.exit_code, 2);
  EXPECT_THAT(brief.output, HasSubstr("one line of 12 to 128 bytes"));
  const auto open = rescue({"reset-admin", "Ada", "--password-file", write_password(second, 0644)});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_THAT(open.output, HasSubstr("(key_file_exposed)"));
  EXPECT_EQ(rescue({}).exit_code, 2);
  EXPECT_EQ(rescue({"unlock"}).exit_code, 2);
  EXPECT_EQ(login(first), 200);
}

}
}
