#include "httvps/base/property.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace httvps::base {
namespace {

std::vector<property> sample() {
  return {
      {.name = "gateway.listen",
       .environment = "GATEWAY_LISTEN",
       .description = "Address to listen on.",
       .fallback = "127.0.0.1:443"},
      {.name = "gateway.idle",
       .environment = "GATEWAY_IDLE",
       .description = "Idle time.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 1000,
       .most = 600000},
      {.name = "gateway.secret",
       .environment = "BACKEND_GATEWAY_SECRET",
       .description = "Join secret.",
       .kind = property_kind::secret,
       .required = true},
      {.name = "decoy.builtin_ack",
       .environment = "DECOY_BUILTIN_ACK",
       .description = "Allows the built-in site in public.",
       .kind = property_kind::flag,
       .fallback = "false"},
      {.name = "gateway.level",
       .environment = "GATEWAY_LEVEL",
       .description = "Least level.",
       .fallback = "info",
       .choices = {"debug", "info", "warn"}},
  };
}

TEST(Property, EnvironmentOverridesFileAndFileOverridesDefault) {
  const std::string path = testing::TempDir() + "httvps_property.json";
  std::ofstream(path) << R"({"gateway": {"listen": "0.0.0.0:443", "idle": 5000}})";
  settings chosen(sample());
  EXPECT_TRUE(chosen.read_file(path).empty());
  chosen.read_environment([](const char* name) -> const char* {
    return std::string_view(name) == "GATEWAY_IDLE" ? "7000" : nullptr;
  });
  EXPECT_EQ(chosen.text("gateway.listen"), "0.0.0.0:443");
  EXPECT_EQ(chosen.time("gateway.idle"), std::chrono::seconds(7));
  EXPECT_FALSE(chosen.flag("decoy.builtin_ack"));
  std::remove(path.c_str());
}

TEST(Property, ChoiceIsOneOfThoseDeclared) {
  settings chosen(join_properties({sample(), {}}));
  chosen.override_with("gateway.secret", "a secret");
  EXPECT_TRUE(chosen.validate().empty());
  chosen.override_with("gateway.level", "loud");
  const auto problems = chosen.validate();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].name, "gateway.level");
  EXPECT_EQ(problems[0].sentence, "gateway.level must be debug, info or warn.");
  EXPECT_NE(chosen.describe_markdown().find("| debug, info, warn |"), std::string::npos);
}

TEST(Property, ListIsWhatStandsBetweenCommas) {
  settings chosen(sample());
  chosen.override_with("gateway.listen", "a:1,,b:2,");
  EXPECT_EQ(chosen.list("gateway.listen"), (std::vector<std::string>{"a:1", "b:2"}));
  chosen.override_with("gateway.listen", "");
  EXPECT_TRUE(chosen.list("gateway.listen").empty());
}

TEST(Property, ReportsEveryProblemAtOnce) {
  settings chosen(sample());
  chosen.override_with("gateway.idle", "5");
  chosen.override_with("gateway.colour", "red");
  chosen.override_with("decoy.builtin_ack", "perhaps");
  const auto problems = chosen.validate();
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0].name, "gateway.colour");
  EXPECT_EQ(problems[1].name, "gateway.idle");
  EXPECT_EQ(problems[2].name, "gateway.secret");
  EXPECT_EQ(problems[3].name, "decoy.builtin_ack");
}

TEST(Property, UnreadableFileIsAProblem) {
  settings chosen(sample());
  EXPECT_EQ(chosen.read_file("/nonexistent/httvps.json").size(), 1U);
}

TEST(Property, MarkdownNeverShowsASecretDefault) {
  auto declared = sample();
  declared[2].fallback = "hunter2";
  EXPECT_EQ(settings(declared).describe_markdown().find("hunter2"), std::string::npos);
}

}
}
