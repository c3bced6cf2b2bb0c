#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;
using services::errc;
using test_support::enrolled;
using test_support::life_world;

class NextSubscription : public testing::Test {
 protected:
  std::error_code judged(const enrolled& device) {
    const auto outcome = world.validate(gateway, device.answer.token);
    const auto* denied = std::get_if<services::denied_device>(&outcome);
    return denied == nullptr ? std::error_code() : denied->reason;
  }
  models::device stored(const enrolled& device) {
    models::device found;
    EXPECT_TRUE(world.store->read([&](services::repositories& tables) -> base::result<> {
      HTTVPS_TRY(const auto known, tables.devices.find(device.answer.device.id));
      found = known.value();
      return {};
    }));
    return found;
  }
  std::uint64_t revocation_version() { return world.withdrawals.version().value(); }
  std::vector<models::audit_line> takings() {
    return world.audit.newest({.action = "subscription.take_devices", .size = 10}).value().items;
  }
  enrolled enrol() {
    world.clock.advance(1s);
    return world.enrol(user, gateway);
  }
  void use(const enrolled& device) {
    world.clock.advance(6min);
    ASSERT_EQ(judged(device), std::error_code());
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.duration_days = 1, .device_limit = 3});
  models::plan smaller = world.add_plan({.code = "smaller", .device_limit = 2});
  services::subscription_report earlier = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(NextSubscription, TakesAlongTheDevicesOfOneThatIsOver) {
  const auto device = enrol();
  world.clock.advance(24h);
  EXPECT_EQ(world.devices.renew(gateway, device.answer.device.id).error(),
            errc::subscription_expired);
  const auto version = revocation_version();
  const auto next = world.subscribe(user, terms);
  EXPECT_EQ(stored(device).subscription, next.subject.id);
  const auto renewed = world.devices.renew(gateway, device.answer.device.id);
  ASSERT_TRUE(renewed) << renewed.error().message();
  const auto outcome = world.validate(gateway, renewed->token);
  const auto* admitted = std::get_if<services::admitted_device>(&outcome);
  ASSERT_NE(admitted, nullptr);
  EXPECT_EQ(admitted->subscription, next.subject.id);
  EXPECT_EQ(world.devices.report(device.answer.device.id)->devices, 1U);
  ASSERT_EQ(takings().size(), 1U);
  EXPECT_EQ(takings()[0].object, next.subject.id.text());
  EXPECT_EQ(takings()[0].detail, "1 taken, 0 left");
  EXPECT_EQ(revocation_version(), version);
}

TEST_F(NextSubscription, DeviceLimitTakesThoseUsedLast) {
  const auto first = enrol();
  const auto second = enrol();
  const auto third = enrol();
  use(third);
  use(first);
  world.clock.advance(24h);
  const auto next = world.subscribe(user, smaller);
  EXPECT_EQ(stored(first).subscription, next.subject.id);
  EXPECT_EQ(stored(third).subscription, next.subject.id);
  EXPECT_EQ(stored(second).subscription, earlier.subject.id);
  EXPECT_TRUE(world.devices.renew(gateway, first.answer.device.id));
  EXPECT_TRUE(world.devices.renew(gateway, third.answer.device.id));
  EXPECT_EQ(world.devices.renew(gateway, second.answer.device.id).error(),
            errc::subscription_expired);
  EXPECT_EQ(takings().at(0).detail, "2 taken, 1 left");
}

TEST_F(NextSubscription, DeviceThatWasLeftComesWithALaterOneAndARevokedOneNever) {
  const auto first = enrol();
  const auto second = enrol();
  const auto gone = enrol();
  ASSERT_EQ(world.act("devices/" + gone.answer.device.id.text() + ":revoke").status, 200);
  world.clock.advance(24h);
  const auto single = world.add_plan({.code = "single", .duration_days = 1, .device_limit = 1});
  const auto next = world.subscribe(user, single);
  EXPECT_EQ(stored(first).subscription, earlier.subject.id);
  EXPECT_EQ(stored(second).subscription, next.subject.id);
  world.clock.advance(48h);
  const auto last = world.subscribe(user, terms);
  EXPECT_EQ(stored(first).subscription, last.subject.id);
  EXPECT_EQ(stored(second).subscription, last.subject.id);
  EXPECT_EQ(stored(gone).subscription, earlier.subject.id);
  EXPECT_TRUE(world.devices.renew(gateway, first.answer.device.id));
  EXPECT_EQ(takings().at(0).detail, "2 taken, 0 left");
}

TEST_F(NextSubscription, LiftsASuspensionThatGatewaysWereTold) {
  const auto device = enrol();
  ASSERT_EQ(world.act("subscriptions/" + earlier.subject.id.text() + ":suspend").status, 200);
  EXPECT_TRUE(world.is_withdrawn(gateway, device.answer.device.id));
  world.clock.advance(24h);
  const auto version = revocation_version();
  world.subscribe(user, terms);
  EXPECT_GT(revocation_version(), version);
  EXPECT_FALSE(world.is_withdrawn(gateway, device.answer.device.id));
  EXPECT_TRUE(world.devices.renew(gateway, device.answer.device.id));
}

TEST_F(NextSubscription, AfterACancelledOneDevicesEnrolAnew) {
  const auto device = enrol();
  ASSERT_EQ(world.act("subscriptions/" + earlier.subject.id.text() + ":cancel").status, 200);
  world.subscribe(user, terms);
  EXPECT_EQ(stored(device).subscription, earlier.subject.id);
  EXPECT_EQ(world.devices.renew(gateway, device.answer.device.id).error(), errc::device_revoked);
  EXPECT_TRUE(takings().empty());
  const auto anew = enrol();
  EXPECT_EQ(judged(anew), std::error_code());
}

TEST_F(NextSubscription, OfAnotherUserTakesNothing) {
  const auto device = enrol();
  world.clock.advance(24h);
  world.subscribe(world.add_user("eve"), terms);
  EXPECT_EQ(stored(device).subscription, earlier.subject.id);
  EXPECT_TRUE(takings().empty());
}

}
}
