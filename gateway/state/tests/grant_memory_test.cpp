#include "httvps/gateway/state/grant_memory.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace httvps::gateway {
namespace {

assigned_node node(const std::string& id, const std::string& url = "ss://one") {
  return {.node_id = id,
          .name = "name of " + id,
          .access_url = base::secret_bytes::from_text(url),
          .weight = 7};
}

assignment to(std::vector<assigned_node> nodes) {
  return {.nodes = std::move(nodes), .lease_until = "2030-01-01T00:00:00Z"};
}

TEST(GrantMemory, GivesTheNodesOfADeviceAsTheyWereGranted) {
  grant_memory memory;
  memory.record("dev_a", to({node("node_1"), node("node_2", "ss://two")}));
  const auto found = memory.find("dev_a");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->nodes.size(), 2U);
  EXPECT_EQ(found->nodes.at(1).node_id, "node_2");
  EXPECT_EQ(found->nodes.at(1).name, "name of node_2");
  EXPECT_EQ(found->nodes.at(1).access_url.reveal_text(), "ss://two");
  EXPECT_EQ(found->nodes.at(1).weight, 7U);
  EXPECT_FALSE(memory.find("dev_b"));
}

TEST(GrantMemory, NewKeyOfANodeReachesEveryDeviceOfIt) {
  grant_memory memory;
  memory.record("dev_a", to({node("node_1")}));
  memory.record("dev_b", to({node("node_1", "ss://renewed")}));
  EXPECT_EQ(memory.find("dev_a")->nodes.at(0).access_url.reveal_text(), "ss://renewed");
}

TEST(GrantMemory, GivesUpTheOldestDeviceAndTheNodeThatWasGrantedLongestAgo) {
  grant_memory memory({.devices = 2, .nodes = 2});
  memory.record("dev_a", to({node("node_1")}));
  memory.record("dev_b", to({node("node_2")}));
  memory.record("dev_c", to({node("node_1"), node("node_3")}));
  EXPECT_EQ(memory.newest_first().size(), 2U);
  EXPECT_FALSE(memory.find("dev_a"));
  EXPECT_FALSE(memory.find("dev_b"));
  EXPECT_EQ(memory.find("dev_c")->nodes.size(), 2U);
  EXPECT_EQ(memory.nodes().size(), 2U);
}

TEST(GrantMemory, DeviceThatCameAgainIsKeptLonger) {
  grant_memory memory({.devices = 2, .nodes = 2});
  memory.record("dev_a", to({node("node_1")}));
  memory.record("dev_b", to({node("node_1")}));
  memory.record("dev_a", to({node("node_1")}));
  memory.record("dev_c", to({node("node_1")}));
  EXPECT_TRUE(memory.find("dev_a"));
  EXPECT_FALSE(memory.find("dev_b"));
}

TEST(GrantMemory, RenewedKeyIsAChange) {
  grant_memory memory;
  memory.record("dev_a", to({node("node_1")}));
  const auto before = memory.revision();
  memory.record("dev_b", to({node("node_1", "ss://renewed")}));
  EXPECT_NE(memory.revision(), before);
}

TEST(GrantMemory, WhatOneThreadWasGrantedEveryThreadKnows) {
  grant_memory memory;
  std::vector<std::jthread> running;
  for (int thread = 0; thread < 4; ++thread) {
    running.emplace_back([&memory, thread] {
      const auto own = std::to_string(thread);
      for (int each = 0; each < 200; ++each) {
        memory.record("dev_" + own + "_" + std::to_string(each), to({node("node_" + own)}));
        EXPECT_TRUE(memory.find("dev_" + own + "_0"));
      }
    });
  }
  running.clear();
  EXPECT_EQ(memory.newest_first().size(), 800U);
  EXPECT_EQ(memory.nodes().size(), 4U);
  EXPECT_TRUE(memory.find("dev_3_199"));
}

}
}
