#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

class SchemaBefore : public ::testing::Test {
 protected:
  SchemaBefore() {
    world.fill();
    world.process->stop();
    world.variables["BACKEND_DB_MIGRATE"] = "false";
  }

  program_outcome migrate(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"migrate"};
    words.insert(words.end(), more.begin(), more.end());
    return run_backend(world.folder, words, world.variables);
  }
  int newest() {
    const auto listed = migrate({"status"}).output;
    const auto last = listed.rfind('\n', listed.size() - 2);
    return std::stoi(listed.substr(last == std::string::npos ? 0 : last + 1, 4));
  }
  void go_back_to(int version) {
    const auto gone = migrate({"down", "--to", std::to_string(version)});
    ASSERT_EQ(gone.exit_code, 0) << gone.output;
  }

  walk world;
};

TEST_F(SchemaBefore, IsServedAndMigratedUnderTheRunningProgram) {
  go_back_to(newest() - 1);
  world.restart();
  EXPECT_EQ(world.api->get("/readyz", "").status, 200);
  const auto gateway = world.join("gate");
  const auto device = world.enrol(gateway);
  const auto allowed = world.as_gateway(gateway, "/api/v1/auth/validate-device",
                                        {{"token", device.token}, {"session", "00000000000000aa"}});
  EXPECT_TRUE(allowed.json().at("allow").as_bool()) << allowed.body;
  const json_object row{
      {"n", 1}, {"node_id", world.node}, {"up", 100}, {"down", 5}, {"token", device.token}};
  const json_object batch{{"epoch", "00ff"}, {"seq", 1}, {"rows", boost::json::array{row}}};
  EXPECT_EQ(world.as_gateway(gateway, "/api/v1/usage/report", batch).status, 200);
  ASSERT_EQ(migrate({"up"}).exit_code, 0);
  EXPECT_EQ(world.as_gateway(gateway, "/api/v1/usage/report", batch).status, 200);
  EXPECT_EQ(world.counted("up", 100), 100);
  EXPECT_EQ(world.process->stop(), 0);
}

TEST_F(SchemaBefore, TwoStepsBackAreTooOldWithExitCodeThree) {
  go_back_to(newest() - 2);
  const auto refused = run_backend(world.folder, {}, world.variables);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.output.find("Run httvps-backend migrate up. (schema_older)"), std::string::npos)
      << refused.output;
}

}
}
