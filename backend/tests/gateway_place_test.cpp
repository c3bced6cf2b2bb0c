#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/document.hpp"
#include "support/api_world.hpp"
#include "support/key_agent.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using services::gateway_place;
using test_support::api_reply;
using test_support::api_world;
using test_support::deployment;
using test_support::key_agent;
using pin_texts = std::vector<std::string>;

std::string pin(std::uint8_t letter) {
  identity::spki_pin bytes{};
  bytes.fill(letter);
  return base::to_base64url(bytes);
}

gateway_place place_of(const models::gateway& known, pin_texts pins) {
  return {.region = known.region,
          .host = known.host,
          .addresses = known.addresses,
          .pins = std::move(pins)};
}

services::change_author author_of(const models::gateway& gateway) {
  return {.id = gateway.id.text(), .name = gateway.name, .address = "192.0.2.1"};
}

base::result<models::gateway> tell(const deployment& world, const models::gateway& gateway,
                                   const gateway_place& place) {
  return world.gateways.take_place(gateway.id, author_of(gateway), place);
}

pin_texts pins_in(const identity::config_claims& config) {
  pin_texts texts;
  for (const auto& each : config.gateways.at(0).pins) {
    texts.push_back(base::to_base64url(each));
  }
  return texts;
}

class GatewayPlace : public testing::Test {
 protected:
  std::vector<models::audit_line> lines() const {
    return world.audit.newest({.action = "gateway.place", .size = 10}).value().items;
  }
  identity::config_claims config_of(const models::device_id& device) const {
    const auto now = world.clock.system_now();
    const auto answer = world.devices.config(gateway, device).value();
    const auto keys =
        identity::key_set::verify(answer.key_set, {.root = world.root.public_part(), .now = now});
    return identity::verify_config(answer.config, {.keys = keys.value(), .now = now}).value();
  }
  identity::config_claims config_of_a_link() const {
    const auto issued =
        world.devices.issue_link(world.admin(), {.user = user.id, .gateway = gateway.id}).value();
    const auto link = identity::parse_enrolment_link(issued.link.reveal_text()).value();
    return identity::verify_enrolment_link(link, world.clock.system_now()).value().config;
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan();
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(GatewayPlace, ConfigurationsAndLinksCarryBothPins) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  const pin_texts both{pin(7), pin(8)};
  const auto before = config_of(device).version;
  ASSERT_TRUE(tell(world, gateway, place_of(gateway, both)));
  EXPECT_EQ(pins_in(config_of(device)), both);
  EXPECT_GT(config_of(device).version, before);
  EXPECT_EQ(pins_in(config_of_a_link()), both);
  EXPECT_EQ(world.gateways.find(gateway.id)->gateway.pins, both);
}

TEST_F(GatewayPlace, ChangedPinsLeaveALineWithThoseBeforeAndAfter) {
  ASSERT_TRUE(tell(world, gateway, place_of(gateway, {pin(7), pin(8)})));
  ASSERT_EQ(lines().size(), 1U);
  const auto line = lines().front();
  EXPECT_EQ(line.actor, gateway.id.text());
  EXPECT_EQ(line.actor_name, gateway.name);
  EXPECT_EQ(line.object, gateway.id.text());
  EXPECT_EQ(line.detail, "pins");
  EXPECT_NE(line.before.find(gateway.pins.front()), std::string::npos);
  EXPECT_NE(line.after.find(pin(8)), std::string::npos);
}

TEST_F(GatewayPlace, PlaceThatIsKnownChangesNothing) {
  const auto before = world.gateways.revision().value();
  ASSERT_TRUE(tell(world, gateway, place_of(gateway, gateway.pins)));
  EXPECT_EQ(world.gateways.revision(), before);
  EXPECT_TRUE(lines().empty());
}

TEST_F(GatewayPlace, AddressesHostAndRegionFollow) {
  const gateway_place elsewhere{.region = "us",
                                .host = "elsewhere.example",
                                .addresses = {"198.51.100.7:443", "[2001:db8::7]:443"},
                                .pins = gateway.pins};
  const auto placed = tell(world, gateway, elsewhere).value();
  EXPECT_EQ(placed.region, "us");
  EXPECT_EQ(placed.host, "elsewhere.example");
  EXPECT_EQ(placed.addresses, elsewhere.addresses);
  EXPECT_EQ(placed.state, models::gateway_state::approved);
  EXPECT_EQ(lines().at(0).detail, "region host addresses");
}

TEST_F(GatewayPlace, QuarantinedGatewayStaysSo) {
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), gateway.id));
  auto moved = place_of(gateway, {pin(1)});
  moved.host = "elsewhere.example";
  EXPECT_EQ(tell(world, gateway, moved).error(), errc::gateway_disabled);
  EXPECT_EQ(world.gateways.find(gateway.id)->gateway.state, models::gateway_state::disabled);
}

TEST_F(GatewayPlace, UnknownGatewayHasNoPlace) {
  auto stranger = gateway;
  stranger.id = models::gateway_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(tell(world, stranger, place_of(gateway, {pin(7)})).error(), errc::gateway_not_found);
}

class ApprovedByAdmin : public testing::Test {
 protected:
  ApprovedByAdmin() {
    EXPECT_TRUE(world.gateways.approve(world.admin(), gateway.id));
    agent.roll_out();
    EXPECT_EQ(agent.secrets().size(), 1U);
  }

  deployment world{services::join_approval::by_admin};
  models::gateway gateway = world.join().gateway;
  key_agent agent{world, world.add_agent_node()};
};

TEST_F(ApprovedByAdmin, GatewayChangesPinsAndAddressesWithoutAnApproval) {
  auto moved = place_of(gateway, {pin(7), pin(8)});
  moved.addresses = {"198.51.100.7:443"};
  EXPECT_EQ(tell(world, gateway, moved)->state, models::gateway_state::approved);
  agent.roll_out();
  EXPECT_EQ(agent.secrets().size(), 1U);
}

TEST_F(ApprovedByAdmin, AnotherHostOrRegionWaitsForAnApproval) {
  auto renamed = place_of(gateway, gateway.pins);
  renamed.host = "elsewhere.example";
  auto removed = place_of(gateway, gateway.pins);
  removed.region = "us";
  for (const auto& place : {renamed, removed}) {
    EXPECT_EQ(tell(world, gateway, place)->state, models::gateway_state::pending);
    agent.roll_out();
    EXPECT_TRUE(agent.secrets().empty());
    ASSERT_TRUE(world.gateways.approve(world.admin(), gateway.id));
    agent.roll_out();
  }
}

class PlaceCall : public testing::Test {
 protected:
  api_reply send(const std::string& body) {
    return world.call({.method = "PUT",
                       .target = "/api/v1/gateway/place",
                       .token = std::string(joined.credential.reveal_text()),
                       .body = body});
  }
  static std::string body_with(const std::string& pins) {
    return R"({"region":"eu","host":"gate.example","addresses":["192.0.2.1:443"],"pins":)" + pins +
           "}";
  }

  api_world world;
  services::joined_gateway joined = world.join();
};

TEST_F(PlaceCall, StoresBothPinsAndTellsTheState) {
  const auto reply = send(body_with(R"([")" + pin(7) + R"(",")" + pin(8) + R"("])"));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("state"), "approved");
  EXPECT_EQ(world.gateways.find(joined.gateway.id)->gateway.pins, (pin_texts{pin(7), pin(8)}));
}

TEST_F(PlaceCall, TakesOneOrTwoPinsOf32Bytes) {
  const auto quoted = "\"" + pin(7) + "\"";
  for (const auto& pins : {std::string("[]"), std::string(R"(["short"])"),
                           "[" + quoted + "," + quoted + "," + quoted + "]"}) {
    const auto reply = send(body_with(pins));
    EXPECT_EQ(reply.status, 422) << pins << reply.body;
    EXPECT_NE(reply.body.find("\"/pins"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(world.gateways.find(joined.gateway.id)->gateway.pins, joined.gateway.pins);
}

TEST_F(PlaceCall, IsForGatewaysAlone) {
  const auto reply = world.call({.method = "PUT",
                                 .target = "/api/v1/gateway/place",
                                 .token = world.chief_token,
                                 .body = body_with("[\"" + pin(7) + "\"]")});
  EXPECT_EQ(reply.status, 401);
}

TEST_F(PlaceCall, QuarantinedGatewayIsRefused) {
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  const auto reply = send(body_with("[\"" + pin(7) + "\"]"));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "gateway_disabled");
}

}
}
