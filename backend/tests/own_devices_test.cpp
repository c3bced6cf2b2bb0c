#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "httvps/backend/services/errc.hpp"
#include "httvps/identity/device_proof.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::api_reply;
using test_support::api_world;
using test_support::enrolled;

class OwnDevices : public testing::Test {
 protected:
  api_reply ask(const enrolled& who, const std::string& method, const std::string& path) {
    net::http_request request{.method = method,
                              .target = path,
                              .body = {},
                              .peer_address = "192.0.2.9",
                              .request_id = "request-7"};
    request.headers.add("X-HTTVPS-Gateway",
                        "Bearer " + std::string(joined.credential.reveal_text()));
    const auto proof = identity::build_device_proof(
        {.method = method, .path = path, .body = {}},
        {.token = who.answer.token, .device = who.key, .now = world.clock.system_now()});
    request.headers.add("Authorization", proof.value());
    auto answer = world.api.respond(request);
    return {.status = answer.status, .body = std::move(answer.body)};
  }

  std::vector<std::string> listed_by(const enrolled& who) {
    const auto reply = ask(who, "GET", "/api/v1/me/devices");
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> ids;
    for (const auto& device : boost::json::parse(reply.body).at("devices").as_array()) {
      ids.emplace_back(device.at("id").as_string());
    }
    return ids;
  }

  api_reply revoke(const enrolled& who, const models::device_id& which) {
    return ask(who, "POST", "/api/v1/me/devices/" + which.text() + ":revoke");
  }

  models::audit_line newest_line() { return world.audit.newest({.size = 1}).value().items.at(0); }

  enrolled enrol_stranger() {
    const auto stranger = world.add_user("stranger");
    world.subscribe(stranger, terms);
    return world.enrol(stranger, joined.gateway);
  }

  api_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 3});
  services::subscription_report subscription = world.subscribe(user, terms);
  services::joined_gateway joined = world.join();
  enrolled first = world.enrol(user, joined.gateway);
  enrolled second =
      (world.clock.advance(std::chrono::seconds(1)), world.enrol(user, joined.gateway));
};

TEST_F(OwnDevices, AreThoseOfTheOwnSubscriptionOldestFirst) {
  const auto stranger = enrol_stranger();
  const std::vector<std::string> both{first.answer.device.id.text(),
                                      second.answer.device.id.text()};
  EXPECT_EQ(listed_by(first), both);
  EXPECT_EQ(listed_by(second), both);
  EXPECT_EQ(listed_by(stranger), std::vector{stranger.answer.device.id.text()});
}

TEST_F(OwnDevices, TheOneThatAsksIsMarked) {
  const auto reply = ask(second, "GET", "/api/v1/me/devices");
  const auto devices = boost::json::parse(reply.body).at("devices").as_array();
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_FALSE(devices[0].at("is_this_device").as_bool());
  EXPECT_TRUE(devices[1].at("is_this_device").as_bool());
  EXPECT_EQ(devices[1].at("name").as_string(), "laptop");
}

TEST_F(OwnDevices, RevokedOneIsWithdrawnAtOnceAndListedNoMore) {
  const auto before = world.withdrawals.version().value();
  const auto reply = revoke(first, second.answer.device.id);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("state"), "revoked");
  EXPECT_EQ(world.withdrawals.version().value(), before + 1);
  const auto withdrawn =
      world.gateways.config(joined.gateway, std::nullopt).value().value().withdrawn;
  EXPECT_EQ(withdrawn.devices, std::vector{second.answer.device.id});
  EXPECT_EQ(listed_by(first), std::vector{first.answer.device.id.text()});
  EXPECT_EQ(ask(second, "GET", "/api/v1/me/devices").code(), "device_revoked");
}

TEST_F(OwnDevices, RevocationIsInTheAuditLogWithTheDeviceAsActor) {
  ASSERT_EQ(revoke(first, second.answer.device.id).status, 200);
  const auto line = newest_line();
  EXPECT_EQ(line.action, "device.revoke");
  EXPECT_EQ(line.actor, first.answer.device.id.text());
  EXPECT_EQ(line.actor_name, "laptop");
  EXPECT_EQ(line.object, second.answer.device.id.text());
  EXPECT_EQ(line.detail, joined.gateway.id.text());
  EXPECT_EQ(line.address, "192.0.2.9");
  EXPECT_EQ(line.request_id, "request-7");
  EXPECT_EQ(boost::json::parse(line.before).at("state").as_string(), "active");
  EXPECT_EQ(boost::json::parse(line.after).at("state").as_string(), "revoked");
  EXPECT_FALSE(world.audit.verify().value().fault);
}

TEST_F(OwnDevices, RevokingTwiceIsTheSameAsOnce) {
  ASSERT_EQ(revoke(first, second.answer.device.id).status, 200);
  const auto version = world.withdrawals.version().value();
  const auto lines = world.audit.verify().value().lines;
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(revoke(first, second.answer.device.id).status, 200);
  EXPECT_EQ(world.withdrawals.version().value(), version);
  EXPECT_EQ(world.audit.verify().value().lines, lines);
}

TEST_F(OwnDevices, DeviceRevokesItselfAndNothingAfterThat) {
  const auto reply = revoke(first, first.answer.device.id);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(revoke(first, second.answer.device.id).code(), "device_revoked");
  const auto late = world.devices.revoke_own(
      {.id = first.answer.device.id, .gateway = joined.gateway.id}, second.answer.device.id);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), errc::device_revoked);
  EXPECT_EQ(listed_by(second), std::vector{second.answer.device.id.text()});
}

TEST_F(OwnDevices, OneOfAnotherSubscriptionIsNotFound) {
  const auto stranger = enrol_stranger();
  const auto version = world.withdrawals.version().value();
  const auto reply = revoke(first, stranger.answer.device.id);
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.code(), "device_not_found");
  const auto unknown = models::device_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(revoke(first, unknown).code(), "device_not_found");
  EXPECT_EQ(ask(first, "POST", "/api/v1/me/devices/x:revoke").code(), "device_not_found");
  EXPECT_EQ(world.withdrawals.version().value(), version);
  EXPECT_EQ(listed_by(stranger).size(), 1U);
}

TEST_F(OwnDevices, NeedTheProofOfADevice) {
  for (const auto* path : {"/api/v1/me/devices", "/api/v1/regions"}) {
    EXPECT_EQ(world.call({.target = path, .token = world.chief_token}).code(),
              "credential_missing");
  }
}

class CoveredRegions : public OwnDevices {
 protected:
  std::vector<services::covered_region> regions_of(const enrolled& who) {
    return world.devices.regions(who.answer.device.id).value();
  }
  void add_region(const std::string& code) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.regions.ensure(code, world.clock.system_now());
    }));
  }
  void set_state(models::node node, models::node_state state) {
    node.state = state;
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.nodes.update(node); }));
    world.clock.advance(services::fleet_refresh);
  }
};

TEST_F(CoveredRegions, AreThoseOfThePlanInOrder) {
  for (const auto* code : {"us", "asia"}) {
    add_region(code);
  }
  const auto all = regions_of(first);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].code, "asia");
  EXPECT_EQ(all[1].code, "eu");
  EXPECT_EQ(all[2].code, "us");
  const auto narrow = world.add_plan({.code = "narrow", .regions = {"us", "eu"}});
  const auto other = world.add_user("other");
  world.subscribe(other, narrow);
  const auto some = regions_of(world.enrol(other, joined.gateway));
  ASSERT_EQ(some.size(), 2U);
  EXPECT_EQ(some[0].code, "eu");
  EXPECT_EQ(some[1].code, "us");
}

TEST_F(CoveredRegions, TellWhetherAHealthyNodeIsThere) {
  EXPECT_FALSE(regions_of(first).at(0).healthy);
  world.clock.advance(services::fleet_refresh);
  const auto node = world.add_node();
  EXPECT_TRUE(regions_of(first).at(0).healthy);
  set_state(node, models::node_state::draining);
  EXPECT_FALSE(regions_of(first).at(0).healthy);
  set_state(node, models::node_state::enabled);
  const auto reply = ask(first, "GET", "/api/v1/regions");
  EXPECT_EQ(reply.body, R"({"regions":[{"code":"eu","healthy":true}]})");
}

TEST_F(CoveredRegions, SilentNodeMakesItsRegionUnhealthy) {
  const auto node = world.add_node();
  const auto now = world.clock.system_now();
  ASSERT_TRUE(world.nodes.heartbeat(node, {.received_at = now, .region = "eu", .sent_at = now}));
  world.clock.advance(services::fleet_refresh);
  EXPECT_TRUE(regions_of(first).at(0).healthy);
  world.clock.advance(std::chrono::minutes(1));
  EXPECT_FALSE(regions_of(first).at(0).healthy);
}

TEST_F(CoveredRegions, AreBounded) {
  for (std::size_t number = 0; number < services::most_covered_regions + 5; ++number) {
    add_region("r" + std::to_string(number));
  }
  EXPECT_EQ(regions_of(first).size(), services::most_covered_regions);
}

}
}
