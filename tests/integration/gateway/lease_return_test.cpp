#include <gtest/gtest.h>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr std::size_t some = 1'000'000;

struct LeaseReturn : ::testing::Test {
  gateway_world world{{}};
  counting_origin counted;

  void script(const std::function<void(backend_script&)>& edit) { world.backend.change(edit); }

  bool transfer(tunnel& device, std::size_t count) const {
    const auto stream = device.open(loopback_target(counted.port()), pattern(count));
    return device.wait(
        [&] { return device.view(stream).received.size() == count + greeting_size; });
  }

  double passed() const {
    return world.gateway.metric("httvps_gateway_bytes_up_total") +
           world.gateway.metric("httvps_gateway_bytes_down_total");
  }

  bool ends_for_quota(tunnel& device) const {
    device.open(loopback_target(counted.port()), pattern(4 * some));
    return device.wait([&] { return device.farewell().has_value(); }) &&
           device.farewell()->code == wire::errc::quota_exceeded;
  }
};

TEST_F(LeaseReturn, NextSessionPassesNothingOfWhatWasGivenBack) {
  script([](backend_script& plan) {
    plan.quota = 100 * some;
    plan.grant_most = 4 * some;
  });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    ASSERT_TRUE(transfer(*device, some));
  }
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return !record.leases.empty() && record.leases.back().want == 0;
  }));
  const auto used = world.backend.record().leases.back().used;
  script([used](backend_script& plan) { plan.quota = used; });
  const auto before = passed();
  const auto next = world.connect(world.device);
  ASSERT_TRUE(next->wait_until_open());
  EXPECT_TRUE(ends_for_quota(*next));
  EXPECT_EQ(passed(), before);
}

TEST_F(LeaseReturn, GrantOnItsWayWhenTheSessionEndsIsGivenBackToo) {
  script([](backend_script& plan) {
    plan.quota = 100 * some;
    plan.grant_most = 4 * some;
  });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    script([](backend_script& plan) { plan.delay = std::chrono::milliseconds(500); });
    ASSERT_TRUE(transfer(*device, 3 * some));
    const auto asked = [](const backend_record& record) {
      const auto found = record.counts.find(backend_call::lease);
      return found == record.counts.end() ? 0U : found->second;
    };
    ASSERT_TRUE(world.backend.wait_for(
        [&](const backend_record& record) { return asked(record) > record.leases.size(); }));
  }
  EXPECT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.leases.back().want == 0; }));
}

TEST_F(LeaseReturn, FinalAnswerToAnEarlierSessionDoesNotEndTheNextOne) {
  script([](backend_script& plan) { plan.quota = some; });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    ASSERT_TRUE(ends_for_quota(*device));
  }
  script([](backend_script& plan) { plan.quota = 100 * some; });
  const auto next = world.connect(world.device);
  ASSERT_TRUE(next->wait_until_open());
  EXPECT_TRUE(transfer(*next, some));
  EXPECT_FALSE(next->farewell());
}

TEST_F(LeaseReturn, DeviceThatIsListedNoMoreIsLetInAgain) {
  const auto listed = world.connect(world.device);
  ASSERT_TRUE(listed->wait_until_open());
  script([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
  });
  ASSERT_TRUE(listed->wait([&] { return listed->farewell().has_value(); }));
  EXPECT_EQ(listed->farewell()->code, wire::errc::device_revoked);
  script([](backend_script& plan) {
    plan.revocation_version = 2;
    plan.revoked_devices = {};
  });
  bool is_in = false;
  for (int tries = 0; tries < 40 && !is_in; ++tries) {
    const auto again = world.connect(world.device);
    is_in = again->wait_until_open();
    again->let_run(std::chrono::milliseconds(250));
  }
  EXPECT_TRUE(is_in);
}

}
}
