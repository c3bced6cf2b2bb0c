#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using shared::roll_standing;
using test_support::api_world;

constexpr std::string_view epoch = "00000000000000e1";

class SessionRolls : public testing::Test {
 protected:
  std::uint32_t open(const models::gateway& gateway, const std::string& session) {
    const auto outcome = world.validation.validate(
        gateway, {.token = device.answer.token, .session = session, .epoch = std::string(epoch)});
    world.clock.advance(std::chrono::seconds(1));
    const auto* admitted = outcome ? std::get_if<services::admitted_device>(&*outcome) : nullptr;
    return admitted == nullptr ? 99 : admitted->sessions_elsewhere;
  }
  services::told_session told(const std::string& session) const {
    return {.session = session, .device = device.answer.device.id};
  }
  shared::roll_reply tell(const models::gateway& gateway, services::roll_order order) {
    order.epoch = epoch;
    order.roll = order.roll.empty() ? "000000000000000a" : order.roll;
    auto reply = world.validation.take_roll(gateway, order);
    EXPECT_TRUE(reply);
    return reply.value_or(shared::roll_reply{});
  }

  api_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.session_limit = 2});
  services::subscription_report subscription = world.subscribe(user, terms);
  services::joined_gateway left_joined = world.join("left");
  models::gateway left = left_joined.gateway;
  models::gateway right = world.join("right").gateway;
  test_support::enrolled device = world.enrol(user, left);
};

using texts = std::vector<std::string>;

TEST_F(SessionRolls, NewSessionAtOneGatewayEndsTheOldestAtAnother) {
  tell(left, {});
  tell(right, {});
  EXPECT_EQ(open(left, "0000000000000001"), 0U);
  EXPECT_EQ(open(left, "0000000000000002"), 0U);
  EXPECT_EQ(open(right, "0000000000000003"), 1U);
  EXPECT_EQ(tell(left, {.seq = 1}).to_end, texts{"0000000000000001"});
  EXPECT_TRUE(tell(left, {.seq = 2, .ended = {told("0000000000000001")}}).to_end.empty());
  EXPECT_TRUE(tell(right, {.seq = 1}).to_end.empty());
}

TEST_F(SessionRolls, OnlySessionsThatWereValidatedAreCountedAgain) {
  tell(left, {});
  tell(right, {});
  EXPECT_EQ(open(left, "0000000000000001"), 0U);
  EXPECT_EQ(open(left, "0000000000000002"), 0U);
  const auto reply = tell(left, {.roll = "000000000000000b",
                                 .seq = 0,
                                 .held = {told("0000000000000002"), told("00000000000000ff")}});
  EXPECT_EQ(reply.standing, roll_standing::in_step);
  EXPECT_EQ(open(right, "0000000000000003"), 1U);
  EXPECT_TRUE(tell(left, {.roll = "000000000000000b", .seq = 1}).to_end.empty());
}

TEST_F(SessionRolls, GatewayCannotHoldASessionForAnotherDevice) {
  tell(left, {});
  EXPECT_EQ(open(left, "0000000000000001"), 0U);
  const auto bob = world.add_user("bob");
  world.subscribe(bob, terms);
  const auto other = world.enrol(bob, left);
  services::told_session claimed{.session = "0000000000000001", .device = other.answer.device.id};
  tell(left, {.roll = "000000000000000b", .seq = 0, .held = {claimed}});
  tell(right, {});
  EXPECT_EQ(open(right, "0000000000000002"), 0U);
}

TEST_F(SessionRolls, LimitOfThePlanIsTheOneOfNow) {
  tell(left, {});
  tell(right, {});
  EXPECT_EQ(open(left, "0000000000000001"), 0U);
  ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, {.session_limit = 1}));
  EXPECT_EQ(open(right, "0000000000000002"), 0U);
  EXPECT_EQ(tell(left, {.seq = 1}).to_end, texts{"0000000000000001"});
}

TEST_F(SessionRolls, CallTellsAndIsToldByItsSchema) {
  const std::string token(left_joined.credential.reveal_text());
  const auto call = [&](const std::string& body) {
    return world.call(
        {.method = "POST", .target = "/api/v1/gateway/sessions", .token = token, .body = body});
  };
  const auto first = call(
      R"({"epoch":"00000000000000e1","roll":"000000000000000a","seq":0,"held":[],"ended":[]})");
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.body, R"({"in_step":true,"end":[]})");
  const auto skipped = call(
      R"({"epoch":"00000000000000e1","roll":"000000000000000a","seq":7,"held":[],"ended":[]})");
  EXPECT_EQ(skipped.body, R"({"in_step":false,"end":[]})");
  const auto bad = call(
      R"({"epoch":"x","roll":"0a","seq":-1,"held":[{"session":"1","device_id":"2"}],"ended":1})");
  EXPECT_EQ(bad.status, 422);
  for (const auto* pointer : {"\"/epoch\"", "\"/roll\"", "\"/seq\"", "\"/held/0/session\"",
                              "\"/held/0/device_id\"", "\"/ended\""}) {
    EXPECT_NE(bad.body.find(pointer), std::string::npos) << pointer;
  }
  EXPECT_EQ(
      world.call({.method = "POST", .target = "/api/v1/gateway/sessions", .body = "{}"}).status,
      401);
}

}
}
