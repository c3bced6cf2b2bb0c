#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::api_reply;
using test_support::life_world;

class RegionTerms : public testing::Test {
 protected:
  api_reply change(const std::string& code, const std::string& body) const {
    return world.send("PATCH", "regions/" + code, body,
                      world.get("regions/" + code).header("ETag"));
  }
  static bool has(const api_reply& reply, const std::string& part) {
    return reply.body.find(part) != std::string::npos;
  }

  life_world world;
};

TEST_F(RegionTerms, NameAndCountryAreSetShownChangedAndTakenBack) {
  const auto made = world.act("regions", R"({"code":"eu-north","name":"Nordics","country":"SE"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_TRUE(has(made, R"("name":"Nordics","country":"SE")")) << made.body;
  ASSERT_EQ(world.act("regions", R"({"code":"us"})").status, 201);
  const auto listed = world.get("regions");
  EXPECT_TRUE(has(listed, R"("name":"Nordics","country":"SE")")) << listed.body;
  EXPECT_TRUE(has(listed, R"("name":null,"country":null)")) << listed.body;
  const auto changed = change("eu-north", R"({"name":"Norrland"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_TRUE(has(changed, R"("name":"Norrland","country":"SE")")) << changed.body;
  EXPECT_NE(changed.header("ETag"), made.header("ETag"));
  const auto cleared = change("eu-north", R"({"name":null,"country":null})");
  EXPECT_TRUE(has(cleared, R"("name":null,"country":null)")) << cleared.body;
  EXPECT_NE(world.newest_line("region.change").before.find("Norrland"), std::string::npos);
}

TEST_F(RegionTerms, StayWhenARegionIsPlaced) {
  ASSERT_EQ(world.act("regions", R"({"code":"eu-north","name":"Nordics","country":"SE"})").status,
            201);
  const auto placed = world.act("regions/eu-north:place",
                                R"({"latitude_millionths":59329000,"longitude_millionths":1})");
  ASSERT_EQ(placed.status, 200) << placed.body;
  EXPECT_TRUE(has(placed, R"("name":"Nordics","country":"SE")")) << placed.body;
  EXPECT_TRUE(has(world.get("regions/eu-north"), R"("latitude_millionths":59329000)"));
  EXPECT_TRUE(has(world.get("regions/eu-north"), R"("country":"SE")"));
}

TEST_F(RegionTerms, OutOfBoundsAreNamedByTheirPointer) {
  ASSERT_EQ(world.act("regions", R"({"code":"eu-north"})").status, 201);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"country":"se"})", "/country"},
      {R"({"country":"SWE"})", "/country"},
      {R"({"country":"S1"})", "/country"},
      {R"({"name":""})", "/name"},
      {R"({"name":"two\nlines"})", "/name"}};
  for (const auto& [body, pointer] : wrong) {
    const auto refused = change("eu-north", body);
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_TRUE(has(refused, R"("pointer":")" + pointer)) << refused.body;
  }
}

TEST_F(RegionTerms, NeedTheSchemaAndRegionsWithoutThemDoNot) {
  ASSERT_TRUE(world.store->migrate_down(services::fleet_terms_schema - 1));
  ASSERT_EQ(world.act("regions", R"({"code":"eu-north"})").status, 201);
  EXPECT_EQ(change("eu-north", R"({"country":"SE"})").code(), "schema_too_old");
  EXPECT_EQ(world.act("regions", R"({"code":"us","name":"States"})").code(), "schema_too_old");
  EXPECT_EQ(change("eu-north", R"({"latitude_millionths":5,"longitude_millionths":7})").status,
            200);
  EXPECT_TRUE(has(world.get("regions"), R"("name":null,"country":null)"));
}

class LastRegion : public testing::Test {
 protected:
  LastRegion() { world.subscribe(user, world.add_plan({.device_limit = 4})); }
  void move(const std::string& region) {
    auto moved = gateway;
    moved.region = region;
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) -> base::result<> {
      HTTVPS_CHECK(tables.regions.ensure(region, world.clock.system_now()));
      return tables.gateways.update(moved);
    }));
  }
  void assign(const models::device_id& device) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.assignments.save({.device = device,
                                      .gateway = gateway.id,
                                      .region = "elsewhere",
                                      .node = node.id,
                                      .lease_until = world.clock.system_now()});
    }));
  }
  api_reply device(const models::device_id& id) const { return world.get("devices/" + id.text()); }
  static bool says(const api_reply& reply, const std::string& region) {
    return reply.body.find(R"("last_region":)" + region) != std::string::npos;
  }

  life_world world;
  models::user user = world.add_user();
  models::gateway gateway = world.join().gateway;
  models::node node = world.add_node();
};

TEST_F(LastRegion, IsThatOfTheGatewayThatLastAskedForTheDevice) {
  const auto phone = world.enrol(user, gateway).answer.device.id;
  const auto tablet = world.enrol(user, gateway).answer.device.id;
  EXPECT_TRUE(says(device(phone), "null")) << device(phone).body;
  move("us-west");
  assign(phone);
  EXPECT_TRUE(says(device(phone), R"("us-west")")) << device(phone).body;
  EXPECT_TRUE(says(device(tablet), "null"));
  const auto listed = world.get("devices?user_id=" + user.id.text());
  EXPECT_TRUE(says(listed, R"("us-west")")) << listed.body;
  EXPECT_TRUE(says(listed, "null"));
  move("eu");
  EXPECT_TRUE(says(device(phone), R"("eu")"));
}

TEST_F(LastRegion, IsToldByChangesOfADeviceAndIsNoPartOfItsTag) {
  const auto phone = world.enrol(user, gateway).answer.device.id;
  const auto before = device(phone).header("ETag");
  move("us-west");
  assign(phone);
  const auto record_part = [](const std::string& tag) { return tag.substr(0, tag.find('.')); };
  EXPECT_EQ(record_part(device(phone).header("ETag")), record_part(before));
  const auto renamed =
      world.send("PATCH", "devices/" + phone.text(), R"({"name":"pocket"})", before);
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_TRUE(says(renamed, R"("us-west")")) << renamed.body;
  const auto revoked = world.act("devices/" + phone.text() + ":revoke");
  EXPECT_TRUE(says(revoked, R"("us-west")")) << revoked.body;
}

}
}
