#include "httvps/backend/selection/rendezvous.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace httvps::backend::selection {
namespace {

std::vector<std::string> named(std::string_view prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("{}{}", prefix, i));
  }
  return names;
}

std::map<std::string, std::set<std::string>> nodes_of(const std::vector<node_grant>& grants) {
  std::map<std::string, std::set<std::string>> nodes;
  for (const auto& each : grants) {
    nodes[each.gateway].insert(each.node);
  }
  return nodes;
}

std::map<std::string, std::size_t> gateways_of(const std::vector<node_grant>& grants) {
  std::map<std::string, std::size_t> count;
  for (const auto& each : grants) {
    ++count[each.node];
  }
  return count;
}

TEST(Rendezvous, HashIsTheSameEverywhere) {
  EXPECT_EQ(rendezvous_hash("gw_1", "node_1"), rendezvous_hash("gw_1", "node_1"));
  EXPECT_NE(rendezvous_hash("gw_1", "node_1"), rendezvous_hash("gw_1n", "ode_1"));
  EXPECT_NE(rendezvous_hash("gw_1", "node_1"), rendezvous_hash("node_1", "gw_1"));
}

TEST(Rendezvous, WeightsDecideHowOftenOneWins) {
  int heavy = 0;
  for (const auto& key : named("device", 4000)) {
    const auto light = rendezvous_score(rendezvous_hash(key, "light"), 1);
    heavy += rendezvous_score(rendezvous_hash(key, "heavy"), 3) > light ? 1 : 0;
  }
  EXPECT_NEAR(heavy / 4000.0, 0.75, 0.03);
}

TEST(Grants, AreEightNodesAGatewayOrAllThereAre) {
  const auto many = nodes_of(plan_grants(named("gw", 400), named("node", 80)));
  EXPECT_EQ(many.size(), 400U);
  std::size_t granted = 0;
  for (const auto& [gateway, nodes] : many) {
    EXPECT_GE(nodes.size(), 8U) << gateway;
    granted += nodes.size();
  }
  EXPECT_LE(granted, 400U * 8 + 20);
  EXPECT_EQ(plan_grants(named("gw", 40), named("node", 5)).size(), 200U);
  EXPECT_TRUE(plan_grants({}, named("node", 3)).empty());
  EXPECT_TRUE(plan_grants(named("gw", 3), {}).empty());
}

TEST(Grants, LeaveNoNodeToFewerThanThreeGateways) {
  const auto count = gateways_of(plan_grants(named("gw", 20), named("node", 100)));
  EXPECT_EQ(count.size(), 100U);
  for (const auto& [node, gateways] : count) {
    EXPECT_GE(gateways, 3U) << node;
  }
}

TEST(Grants, RanksCountUpForEachGateway) {
  std::map<std::string, std::size_t> next;
  for (const auto& each : plan_grants(named("gw", 10), named("node", 30))) {
    EXPECT_EQ(each.rank, next[each.gateway]++);
  }
}

TEST(Grants, LosingANodeChangesLittleElse) {
  const auto gateways = named("gw", 50);
  auto nodes = named("node", 100);
  const auto before = nodes_of(plan_grants(gateways, nodes));
  const auto lost = nodes[17];
  std::erase(nodes, lost);
  const auto after = nodes_of(plan_grants(gateways, nodes));
  std::size_t had = 0;
  std::size_t changed = 0;
  for (const auto& [gateway, granted] : before) {
    had += granted.contains(lost) ? 1U : 0U;
    changed += static_cast<std::size_t>(std::ranges::count_if(
        granted, [&](const auto& node) { return !after.at(gateway).contains(node); }));
  }
  EXPECT_GE(had, 3U);
  EXPECT_EQ(changed, had);
}

RC_GTEST_PROP(Grants, HoldForEveryShapeOfRegion, ()) {
  const auto gateways = *rc::gen::inRange<std::size_t>(1, 40);
  const auto nodes = *rc::gen::inRange<std::size_t>(1, 60);
  const auto grants = plan_grants(named("gw", gateways), named("node", nodes));
  for (const auto& [gateway, granted] : nodes_of(grants)) {
    RC_ASSERT(granted.size() >= std::min<std::size_t>(8, nodes));
  }
  const auto counts = gateways_of(grants);
  RC_ASSERT(counts.size() == nodes);
  for (const auto& [node, count] : counts) {
    RC_ASSERT(count >= std::min<std::size_t>(3, gateways));
  }
}

}
}
