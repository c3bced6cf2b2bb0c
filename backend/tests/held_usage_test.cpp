#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;
using test_support::api_reply;
using test_support::life_world;

class HeldUsage : public testing::Test {
 protected:
  void hold(const models::gateway& gateway, const std::string& epoch, std::uint64_t number,
            std::uint64_t up) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.quarantine.raise(
          {.key = {.gateway = gateway.id, .epoch = epoch, .number = number},
           .node = orchard.id,
           .counted = {.up = up, .down = 1}});
    }));
  }
  static json::array items_of(const api_reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    return json::parse(reply.body).as_object().at("items").as_array();
  }

  life_world world;
  models::gateway north = world.join("north").gateway;
  models::gateway south = world.join("south").gateway;
  models::node orchard = world.add_node("orchard");
};

TEST_F(HeldUsage, IsListedByGatewayRunSessionAndNode) {
  hold(north, "0a", 7, 5);
  const auto items = items_of(world.get("usage/quarantine"));
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].at("gateway_id").as_string(), north.id.text());
  EXPECT_EQ(items[0].at("epoch").as_string(), "0a");
  EXPECT_EQ(items[0].at("n").to_number<int>(), 7);
  EXPECT_EQ(items[0].at("node_id").as_string(), orchard.id.text());
  EXPECT_EQ(items[0].at("up").to_number<int>(), 5);
  EXPECT_EQ(items[0].at("down").to_number<int>(), 1);
}

TEST_F(HeldUsage, IsPagedInNumericalOrderWithoutLossAndRepeats) {
  for (const auto& gateway : {north, south}) {
    for (const auto* epoch : {"0a", "0b"}) {
      for (const std::uint64_t number : {2U, 9U, 10U, 100U}) {
        hold(gateway, epoch, number, number);
      }
    }
  }
  std::set<std::string> seen;
  std::string token;
  do {
    const auto page = world.get("usage/quarantine?page_size=3&page_token=" + token);
    for (const auto& each : items_of(page)) {
      EXPECT_TRUE(seen.insert(json::serialize(each)).second);
    }
    token = page.text("next_page_token");
  } while (!token.empty());
  EXPECT_EQ(seen.size(), 16U);
}

TEST_F(HeldUsage, IsFilteredByGateway) {
  hold(north, "0a", 1, 5);
  hold(south, "0a", 1, 6);
  const auto items = items_of(world.get("usage/quarantine?gateway_id=" + south.id.text()));
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].at("up").to_number<int>(), 6);
  EXPECT_EQ(world.get("usage/quarantine?gateway_id=gw_x").status, 422);
}

}
}
