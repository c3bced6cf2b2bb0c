#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/identity/document.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::life_world;

class GatewayDrain : public testing::Test {
 protected:
  models::gateway add_gateway(int number, const std::string& address) {
    auto order = world.join_order_for("gate-" + std::to_string(number));
    order.addresses = {address};
    return world.gateways.join(order).value().gateway;
  }
  services::gateway_report drain(const models::gateway& one) {
    return world.gateways.drain(world.admin(), one.id).value();
  }
  bool is_told_to_drain(const models::gateway& one) {
    const auto now = world.gateways.find(one.id).value().gateway;
    return world.gateways.config(now, std::nullopt).value()->gateway.draining_since.has_value();
  }
  std::vector<std::string> known_by(const models::device_id& device, const models::gateway& asked) {
    const auto answer = world.devices.config(asked, device).value();
    const auto now = world.clock.system_now();
    const auto keys =
        identity::key_set::verify(answer.key_set, {.root = world.root.public_part(), .now = now});
    const auto config = identity::verify_config(answer.config, {.keys = keys.value(), .now = now});
    std::vector<std::string> ids;
    for (const auto& each : config.value().gateways) {
      ids.push_back(each.id);
    }
    return ids;
  }
  models::device_id device_at(const models::gateway& served) {
    const auto device = world.enrol(user, served);
    world.validate(served, device.answer.token);
    return device.answer.device.id;
  }
  std::vector<std::string> successors_of(const models::device_id& device,
                                         const models::gateway& leaving) {
    const auto found = world.gateways.successors(leaving, {device}).value();
    std::vector<std::string> ids;
    for (const auto& each : found.at(0).gateways) {
      ids.push_back(each.text());
    }
    return ids;
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  std::vector<models::gateway> fleet = {
      add_gateway(1, "192.0.2.1:443"), add_gateway(2, "198.51.100.1:443"),
      add_gateway(3, "203.0.113.1:443"), add_gateway(4, "198.18.0.1:443")};
};

TEST_F(GatewayDrain, IsToldWithTheConfigurationAndEndsWithUndrain) {
  EXPECT_FALSE(is_told_to_drain(fleet[0]));
  const auto before = world.gateways.revision().value();
  const auto drained = drain(fleet[0]);
  EXPECT_EQ(drained.gateway.draining_since, world.clock.system_now());
  EXPECT_NE(world.gateways.revision().value(), before);
  EXPECT_TRUE(is_told_to_drain(fleet[0]));
  EXPECT_FALSE(is_told_to_drain(fleet[1]));
  ASSERT_TRUE(world.gateways.undrain(world.admin(), fleet[0].id));
  EXPECT_FALSE(is_told_to_drain(fleet[0]));
}

TEST_F(GatewayDrain, IsToldAlsoToACallerThatWasReadBeforeTheOrder) {
  const auto read_before = world.gateways.find(fleet[0].id).value().gateway;
  drain(fleet[0]);
  const auto told = world.gateways.config(read_before, std::nullopt).value();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->gateway.draining_since);
}

TEST_F(GatewayDrain, TwiceIsTheSameAsOnce) {
  const auto first = drain(fleet[0]).gateway.draining_since;
  const auto revision = world.gateways.revision().value();
  world.clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(drain(fleet[0]).gateway.draining_since, first);
  EXPECT_EQ(world.gateways.revision().value(), revision);
}

TEST_F(GatewayDrain, OnlyAnApprovedGatewayDrains) {
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), fleet[1].id));
  EXPECT_EQ(world.gateways.drain(world.admin(), fleet[1].id).error(), errc::gateway_disabled);
  const services::gateway_service strict{
      world.tools, {.secret_hash = services::hash_secret(test_support::join_secret)}};
  const auto waiting = strict.join(world.join_order_for("waits")).value().gateway;
  EXPECT_EQ(world.gateways.drain(world.admin(), waiting.id).error(), errc::gateway_pending);
  EXPECT_EQ(
      world.gateways
          .drain(world.admin(), models::gateway_id::make(world.clock.system_now(), world.random))
          .error(),
      errc::gateway_not_found);
}

TEST_F(GatewayDrain, DevicesAreToldOtherGatewaysWhileThereAreAny) {
  const auto device = world.enrol(user, fleet[0]).answer.device.id;
  drain(fleet[0]);
  const auto known = known_by(device, fleet[0]);
  EXPECT_EQ(known.size(), 3U);
  EXPECT_EQ(std::ranges::count(known, fleet[0].id.text()), 0);
  for (const auto& each : fleet) {
    drain(each);
  }
  EXPECT_EQ(known_by(device, fleet[0]).size(), 3U) << "better one that drains than none";
}

TEST_F(GatewayDrain, SuccessorsAreTheGatewaysOfTheDevicesConfigurationThatServe) {
  for (int i = 0; i < 6; ++i) {
    const auto device = device_at(fleet[0]);
    auto known = known_by(device, fleet[0]);
    std::erase(known, fleet[0].id.text());
    drain(fleet[0]);
    const auto named = successors_of(device, fleet[0]);
    EXPECT_EQ(named, known);
    drain(fleet[1]);
    std::erase(known, fleet[1].id.text());
    EXPECT_EQ(successors_of(device, fleet[0]), known);
    ASSERT_TRUE(world.gateways.undrain(world.admin(), fleet[0].id));
    ASSERT_TRUE(world.gateways.undrain(world.admin(), fleet[1].id));
  }
}

TEST_F(GatewayDrain, SuccessorsAreToldOnlyForDevicesWithASessionAtTheGateway) {
  const auto nobody = models::device_id::make(world.clock.system_now(), world.random);
  const auto served = device_at(fleet[0]);
  const auto elsewhere = device_at(fleet[1]);
  const auto idle = world.enrol(user, fleet[0]).answer.device.id;
  drain(fleet[0]);
  const auto found =
      world.gateways.successors(fleet[0], {nobody, elsewhere, served, idle, served}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].device, served);
}

TEST_F(GatewayDrain, GatewayThatServesHasNoSuccessors) {
  const auto served = device_at(fleet[0]);
  EXPECT_EQ(world.gateways.successors(fleet[0], {served}).error(), errc::gateway_not_draining);
  drain(fleet[0]);
  EXPECT_TRUE(world.gateways.successors(fleet[0], {served}));
  ASSERT_TRUE(world.gateways.undrain(world.admin(), fleet[0].id));
  EXPECT_EQ(world.gateways.successors(fleet[0], {served}).error(), errc::gateway_not_draining);
}

TEST_F(GatewayDrain, GatewayIsAskedByItsCredentialAndItsPhaseIsShown) {
  const auto joined = world.join("told");
  const auto credential = std::string(joined.credential.reveal_text());
  const auto id = joined.gateway.id.text();
  const auto beat = world.call(
      {.method = "POST",
       .target = "/api/v1/gateway/heartbeat",
       .token = credential,
       .body = R"({"node_id":")" + id +
               R"(","region":"eu","uptime_sec":1,"active_sessions":0,"cpu_load":0,"mem_load":0,)"
               R"("bytes_up":0,"bytes_down":0,"timestamp":"2026-11-21T22:58:05.084Z",)"
               R"("state":"draining"})"});
  ASSERT_EQ(beat.status, 200) << beat.body;
  EXPECT_NE(world.get("gateways/" + id).body.find(R"("state":"draining")"), std::string::npos);
  const auto device = device_at(joined.gateway);
  drain(joined.gateway);
  const auto named = world.call({.method = "POST",
                                 .target = "/api/v1/gateway/successors",
                                 .token = credential,
                                 .body = R"({"devices":[")" + device.text() + R"("]})"});
  EXPECT_EQ(named.status, 200) << named.body;
  EXPECT_NE(named.body.find(device.text()), std::string::npos);
}

TEST_F(GatewayDrain, IsAnAdministratorsCallWithALineInTheAuditLog) {
  const auto tail = "gateways/" + fleet[0].id.text();
  const auto done = world.act(tail + ":drain");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_FALSE(done.text("draining_since").empty());
  EXPECT_EQ(world.newest_line("gateway.drain").object, fleet[0].id.text());
  EXPECT_EQ(world.send("POST", tail + ":undrain", "", "\"other\"").status, 412);
  EXPECT_EQ(world.act(tail + ":undrain").status, 200);
  EXPECT_EQ(world.newest_line("gateway.undrain").object, fleet[0].id.text());
  const auto refused = world.call({.method = "POST",
                                   .target = "/api/v1/admin/" + tail + ":drain",
                                   .token = world.token_of(models::admin_role::support)});
  EXPECT_EQ(refused.code(), "role_denied");
}

TEST_F(GatewayDrain, NeedsTheSchemaAndEverythingElseGoesOnWithoutIt) {
  ASSERT_TRUE(world.store->migrate_down(services::gateway_drain_schema - 1));
  EXPECT_EQ(world.gateways.drain(world.admin(), fleet[0].id).error(), errc::schema_too_old);
  EXPECT_TRUE(world.gateways.find(fleet[0].id));
  EXPECT_TRUE(world.gateways.join(world.join_order_for("later")));
  const auto now = world.clock.system_now();
  EXPECT_TRUE(world.gateways.heartbeat(fleet[0], {.received_at = now,
                                                  .region = "eu",
                                                  .sent_at = now,
                                                  .phase = models::service_phase::drained}));
}

}
}
