#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

struct Admission : ::testing::Test {
  gateway_world world;
  tcp_origin origin{echo_until_end};

  bool echoes(tunnel& device) {
    const auto body = pattern(1000);
    const auto stream = device.open(loopback_target(origin.port()), body);
    return device.wait([&] { return device.view(stream).received.size() >= body.size(); });
  }

  wire::session_refused refusal_of(tunnel& device) {
    EXPECT_TRUE(device.wait([&] { return device.refused().has_value() || device.is_open(); }));
    return device.refused().value_or(wire::session_refused{});
  }

  void deny(const std::string& code, const std::string& sentence) {
    world.backend.change([&](backend_script& script) {
      script.denied_code = code;
      script.denied_sentence = sentence;
    });
  }
};

TEST_F(Admission, DeniedDeviceHearsTheSentenceOfTheBackend) {
  deny("quota_exceeded", "The month's 5 GiB are used up.");
  const auto device = world.connect(world.device);
  const auto refused = refusal_of(*device);
  EXPECT_EQ(refused.code, wire::errc::quota_exceeded);
  EXPECT_EQ(refused.sentence, "The month's 5 GiB are used up.");
  EXPECT_TRUE(device->wait_until_over());
}

TEST_F(Admission, EachDenialHasItsOwnCode) {
  for (const auto code :
       {wire::errc::device_revoked, wire::errc::subscription_expired, wire::errc::device_limit,
        wire::errc::session_limit, wire::errc::region_denied, wire::errc::token_expired}) {
    deny(std::string(base::label_of(code)), "No.");
    EXPECT_EQ(refusal_of(*world.connect(world.device)).code, code);
  }
}

TEST_F(Admission, DenialWithAnUnknownCodeIsARefusalAllTheSame) {
  deny("moon_phase", "Not today.");
  const auto refused = refusal_of(*world.connect(world.device));
  EXPECT_EQ(refused.code, wire::errc::token_invalid);
  EXPECT_EQ(refused.sentence, "Not today.");
}

TEST_F(Admission, DeviceThatMayComeAgainIsServedAfterADenial) {
  deny("subscription_expired", "It ended yesterday.");
  refusal_of(*world.connect(world.device));
  deny("", "");
  const auto device = world.connect(world.device);
  EXPECT_TRUE(device->wait_until_open());
}

TEST_F(Admission, UnknownSessionThatMayNotBeMadeIsGone) {
  raw_carrier carrier(world.as_device(world.device));
  ASSERT_TRUE(carrier.is_upgraded());
  carrier.send_message(encode_hello({.may_create = wire::creation::forbidden}));
  const auto end = carrier.read_until_end();
  ASSERT_TRUE(end.refusal);
  EXPECT_EQ(end.refusal->code, wire::to_wire(wire::errc::session_gone));
  EXPECT_TRUE(end.closed);
}

TEST_F(Admission, CarrierNumberInUseIsRefusedAndTheFirstGoesOn) {
  const auto first = world.connect(world.device);
  ASSERT_TRUE(first->wait_until_open());
  auto again = world.as_device(world.device);
  again.id = first->id();
  tunnel second(again);
  EXPECT_EQ(refusal_of(second).code, wire::errc::carrier_number_reused);
  EXPECT_TRUE(echoes(*first));
}

TEST_F(Admission, SameSessionIdTwiceAtOnceOpensOneSession) {
  world.backend.change(
      [](backend_script& script) { script.delay = std::chrono::milliseconds(200); });
  auto options = world.as_device(world.device);
  tunnel first(options);
  tunnel second(options);
  EXPECT_TRUE(first.wait([&] {
    second.let_run(std::chrono::milliseconds(1));
    return (first.is_open() || first.refused()) && (second.is_open() || second.refused());
  }));
  EXPECT_NE(first.is_open(), second.is_open());
  auto& lost = first.is_open() ? second : first;
  EXPECT_EQ(refusal_of(lost).code, wire::errc::carrier_number_reused);
}

TEST_F(Admission, SameSessionIdOfAnotherDeviceIsAnotherSession) {
  const auto first = world.connect(world.device);
  ASSERT_TRUE(first->wait_until_open());
  auto other = world.as_device(make_device("dev_second"));
  other.id = first->id();
  tunnel second(other);
  EXPECT_TRUE(second.wait_until_open());
}

TEST_F(Admission, SessionOverTheLimitEndsTheOldest) {
  world.backend.change([](backend_script& script) { script.session_limit = 2; });
  std::vector<std::unique_ptr<tunnel>> sessions;
  for (int i = 0; i < 3; ++i) {
    sessions.push_back(world.connect(world.device));
    ASSERT_TRUE(sessions.back()->wait_until_open());
  }
  ASSERT_TRUE(sessions[0]->wait_until_over());
  ASSERT_TRUE(sessions[0]->farewell());
  EXPECT_EQ(sessions[0]->farewell()->code, wire::errc::session_limit);
  EXPECT_TRUE(echoes(*sessions[1]));
  EXPECT_TRUE(echoes(*sessions[2]));
}

TEST_F(Admission, ClosedSessionNoLongerCountsAgainstTheLimit) {
  world.backend.change([](backend_script& script) { script.session_limit = 2; });
  const auto kept = world.connect(world.device);
  ASSERT_TRUE(kept->wait_until_open());
  for (int i = 0; i < 4; ++i) {
    const auto brief = world.connect(world.device);
    ASSERT_TRUE(brief->wait_until_open());
    brief->close();
    ASSERT_TRUE(kept->wait([&] { return world.gateway.metric("httvps_gateway_sessions") == 1; }));
  }
  EXPECT_TRUE(echoes(*kept));
}

TEST_F(Admission, KnownDeviceIsServedWhileTheBackendIsDown) {
  {
    const auto before = world.connect(world.device);
    ASSERT_TRUE(echoes(*before));
  }
  world.backend.go_down();
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_TRUE(echoes(*device));
}

TEST_F(Admission, UnknownDeviceIsTurnedAwayWhileTheBackendIsDown) {
  world.backend.go_down();
  const auto refused = refusal_of(*world.connect(world.device));
  EXPECT_EQ(refused.code, wire::errc::backend_unavailable);
}

TEST_F(Admission, DeviceRevokedWhileItIsAdmittedIsRefused) {
  world.backend.change(
      [](backend_script& plan) { plan.delays[backend_call::validate] = std::chrono::seconds(2); });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait([&] { return world.backend.count_of(backend_call::validate) > 0; }));
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
  });
  EXPECT_EQ(refusal_of(*device).code, wire::errc::device_revoked);
}

TEST_F(Admission, DeniedDeviceIsNotServedLaterFromMemory) {
  ASSERT_TRUE(world.connect(world.device)->wait_until_open());
  deny("device_revoked", "Revoked by the administrator.");
  EXPECT_EQ(refusal_of(*world.connect(world.device)).code, wire::errc::device_revoked);
  world.backend.go_down();
  EXPECT_EQ(refusal_of(*world.connect(world.device)).code, wire::errc::backend_unavailable);
}

TEST_F(Admission, AnswersThatAreNoneCountAsNoBackend) {
  for (const auto how : {conduct::garbage, conduct::fail, conduct::drop}) {
    world.backend.behave(backend_call::validate, how);
    EXPECT_EQ(refusal_of(*world.connect(world.device)).code, wire::errc::backend_unavailable);
  }
}

TEST_F(Admission, SlowBackendDelaysAndDoesNotBreak) {
  world.backend.change(
      [](backend_script& script) { script.delay = std::chrono::milliseconds(700); });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_TRUE(echoes(*device));
}

TEST_F(Admission, DeviceWithoutANodeIsTold) {
  world.backend.change([](backend_script& script) { script.access_url.clear(); });
  EXPECT_EQ(refusal_of(*world.connect(world.device)).code, wire::errc::no_node_available);
}

TEST_F(Admission, AccessKeyThatCannotBeUsedIsNoNode) {
  world.backend.change([](backend_script& script) { script.access_url = "ss://broken"; });
  EXPECT_EQ(refusal_of(*world.connect(world.device)).code, wire::errc::no_node_available);
}

TEST_F(Admission, DevicesThatWaitForTheBackendAreValidatedTogether) {
  constexpr std::size_t crowd = 16;
  world.backend.change([](backend_script& plan) {
    plan.delays[backend_call::validate] = std::chrono::milliseconds(500);
  });
  std::vector<std::unique_ptr<tunnel>> devices;
  for (std::size_t i = 0; i < crowd; ++i) {
    devices.push_back(world.connect(make_device("dev_crowd_" + std::to_string(i))));
  }
  EXPECT_TRUE(devices.front()->wait([&] {
    for (const auto& each : devices) {
      each->let_run(std::chrono::milliseconds(1));
    }
    return std::ranges::all_of(devices, [](const auto& each) { return each->is_open(); });
  }));
  EXPECT_EQ(world.backend.record().validations.size(), crowd);
  EXPECT_LE(world.backend.count_of(backend_call::validate), crowd / 2);
  EXPECT_GE(world.gateway.metric("httvps_gateway_validations_together_total"), 1);
}

TEST_F(Admission, ClientThatLeavesDuringValidationLeavesNothingBehind) {
  world.backend.change(
      [](backend_script& script) { script.delay = std::chrono::milliseconds(300); });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait([&] { return world.backend.count_of(backend_call::validate) > 0; }));
  }
  world.backend.change([](backend_script& script) { script.delay = std::chrono::milliseconds(0); });
  const auto device = world.connect(make_device("dev_second"));
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_TRUE(device->wait([&] { return world.gateway.metric("httvps_gateway_sessions") == 1; }));
}

}
}
