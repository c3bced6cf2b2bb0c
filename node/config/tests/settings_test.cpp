#include "httvps/node/config/settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace httvps::node {
namespace {

using texts = std::map<std::string, std::string>;

base::settings::environment_reader reader_of(const texts& values) {
  return [&values](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

settings_outcome read(const texts& values) {
  base::settings source(node_properties());
  source.read_environment(reader_of(values));
  return read_settings(source, find_places(reader_of(values)));
}

texts complete() {
  return {{"NODE_BACKEND_URL", "https://backend.example"},
          {"NODE_SERVER_PROGRAM", "/usr/bin/outline-ss-server"},
          {"HOME", "/home/node"}};
}

bool complains_about(const settings_outcome& outcome, const std::string& name) {
  return std::ranges::any_of(outcome.problems, [&name](const base::setting_problem& problem) {
    return problem.name == name;
  });
}

TEST(NodeSettings, WhatIsRequiredIsEnough) {
  const auto outcome = read(complete());
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_EQ(outcome.chosen.state_dir, "/home/node/.local/state/httvps-node");
  EXPECT_EQ(outcome.chosen.credential_file, outcome.chosen.state_dir + "/credential");
  EXPECT_EQ(outcome.chosen.services_file, outcome.chosen.state_dir + "/services.yml");
  EXPECT_EQ(outcome.chosen.listen, std::vector<std::string>{"[::]:9000"});
  EXPECT_EQ(outcome.chosen.heartbeat_interval, std::chrono::seconds(5));
}

TEST(NodeSettings, StateFollowsSystemdThenXdgThenHome) {
  auto values = complete();
  values["XDG_STATE_HOME"] = "/state";
  EXPECT_EQ(read(values).chosen.state_dir, "/state/httvps-node");
  values["STATE_DIRECTORY"] = "/var/lib/httvps-node:/var/lib/other";
  EXPECT_EQ(read(values).chosen.state_dir, "/var/lib/httvps-node");
  values["NODE_STATE_DIR"] = "/chosen";
  EXPECT_EQ(read(values).chosen.state_dir, "/chosen");
  values.erase("NODE_STATE_DIR");
  values.erase("STATE_DIRECTORY");
  values["XDG_STATE_HOME"] = "relative";
  values.erase("HOME");
  EXPECT_TRUE(complains_about(read(values), "node.state_dir"));
}

TEST(NodeSettings, TheServerIsStartedOrSignalledButNotBoth) {
  auto values = complete();
  values["NODE_SERVER_PID_FILE"] = "/run/outline.pid";
  EXPECT_TRUE(complains_about(read(values), "node.server_program"));
  values.erase("NODE_SERVER_PROGRAM");
  EXPECT_TRUE(read(values).problems.empty());
  values.erase("NODE_SERVER_PID_FILE");
  EXPECT_TRUE(complains_about(read(values), "node.server_program"));
}

TEST(NodeSettings, ListenTakesAddressesOnly) {
  auto values = complete();
  values["NODE_LISTEN"] = "0.0.0.0:9000,[::1]:9001";
  EXPECT_EQ(read(values).chosen.listen.size(), 2U);
  EXPECT_TRUE(read(values).problems.empty());
  for (const auto* wrong : {"host.example:9000", "127.0.0.1:0", "127.0.0.1", ",", "[::]:9000,x"}) {
    values["NODE_LISTEN"] = wrong;
    EXPECT_TRUE(complains_about(read(values), "node.listen")) << wrong;
  }
}

TEST(NodeSettings, MetricsStayOnLoopback) {
  for (const auto* name : {"NODE_SERVER_METRICS", "NODE_METRICS_LISTEN"}) {
    auto values = complete();
    values[name] = "0.0.0.0:9091";
    EXPECT_EQ(read(values).problems.size(), 1U) << name;
  }
}

TEST(NodeSettings, BoundsAndLevelsAreChecked) {
  auto values = complete();
  values["NODE_HEARTBEAT_INTERVAL"] = "99";
  values["NODE_LOG_LEVEL"] = "loud";
  const auto outcome = read(values);
  EXPECT_TRUE(complains_about(outcome, "node.heartbeat_interval"));
  EXPECT_TRUE(complains_about(outcome, "node.log_level"));
}

}
}
