#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr std::uint64_t megabyte_a_second = 8'000'000;

struct Allowance : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "2"}}}};
  counting_origin counted;

  void script(const std::function<void(backend_script&)>& edit) { world.backend.change(edit); }

  wire::stream_id start(tunnel& device, std::size_t count) const {
    return device.open(loopback_target(counted.port()), pattern(count));
  }

  static bool is_done(tunnel& device, wire::stream_id stream, std::size_t count) {
    return device.view(stream).received.size() == count + greeting_size;
  }

  std::chrono::duration<double> time_of(tunnel& device, std::size_t count) const {
    const auto started = std::chrono::steady_clock::now();
    const auto stream = start(device, count);
    EXPECT_TRUE(device.wait([&] { return is_done(device, stream, count); }));
    return std::chrono::steady_clock::now() - started;
  }

  static bool was_told(tunnel& device, wire::errc code) {
    return std::ranges::any_of(device.notices(), [code](const wire::notice_received& each) {
      return each.code == code && each.sentence.ends_with("; the session ends.");
    });
  }

  base::byte_count booked() const {
    const auto totals = answered_totals(world.backend.record());
    return totals.up + totals.down;
  }

  bool is_booked_exactly(base::byte_count wanted) const {
    return world.backend.wait_for([&](const backend_record& record) {
      const auto totals = answered_totals(record);
      return totals.up + totals.down == wanted;
    });
  }
};

TEST_F(Allowance, DownRateOfThePlanHolds) {
  script([](backend_script& plan) { plan.down_bps = megabyte_a_second; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto took = time_of(*device, 2'000'000);
  EXPECT_GE(took.count(), 1.7);
  EXPECT_LE(took.count(), 4.0);
}

TEST_F(Allowance, UpRateOfThePlanHolds) {
  script([](backend_script& plan) { plan.up_bps = megabyte_a_second; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto took = time_of(*device, 2'000'000);
  EXPECT_GE(took.count(), 1.7);
  EXPECT_LE(took.count(), 4.0);
}

TEST_F(Allowance, SessionsOfADeviceShareItsRate) {
  script([](backend_script& plan) { plan.down_bps = megabyte_a_second; });
  std::vector<std::unique_ptr<tunnel>> sessions;
  const auto started = std::chrono::steady_clock::now();
  std::vector<wire::stream_id> streams;
  for (int i = 0; i < 4; ++i) {
    sessions.push_back(world.connect(world.device));
    ASSERT_TRUE(sessions.back()->wait_until_open());
    streams.push_back(start(*sessions.back(), 500'000));
  }
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    EXPECT_TRUE(sessions[i]->wait([&] { return is_done(*sessions[i], streams[i], 500'000); }));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  EXPECT_GE(took.count(), 1.7);
  EXPECT_LE(took.count(), 5.0);
}

TEST_F(Allowance, OtherStreamsGoOnBesideOneThatFillsTheRate) {
  script([](backend_script& plan) { plan.down_bps = megabyte_a_second; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto large = start(*device, 4'000'000);
  ASSERT_TRUE(device->wait([&] { return device->view(large).received.size() > 200'000; }));
  EXPECT_LE(time_of(*device, 1'000).count(), 2.0);
  EXPECT_FALSE(is_done(*device, large, 4'000'000));
}

TEST_F(Allowance, UnlimitedPlanAsksForNoLease) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_LT(time_of(*device, 2'000'000).count(), 1.5);
  EXPECT_EQ(world.backend.count_of(backend_call::lease), 0U);
}

TEST_F(Allowance, GrantOfNothingIsAskedForAgainAfterASecond) {
  script([](backend_script& plan) {
    plan.quota = 10'000'000;
    plan.grant_most = 0;
  });
  const auto device = world.connect(world.device);
  EXPECT_FALSE(device->wait([] { return false; }, std::chrono::milliseconds(2'500)));
  const auto asked = world.backend.count_of(backend_call::lease);
  EXPECT_GE(asked, 2U);
  EXPECT_LE(asked, 4U);
  script([](backend_script& plan) { plan.grant_most = 10'000'000; });
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_LT(time_of(*device, 1'000'000).count(), 3.0);
}

TEST_F(Allowance, LeaseShowsATokenOfTheDevice) {
  script([](backend_script& plan) { plan.quota = 10'000'000; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto leases = world.backend.record().leases;
  ASSERT_FALSE(leases.empty());
  for (const auto& each : leases) {
    EXPECT_TRUE(each.token.starts_with("v4.public."));
  }
}

TEST_F(Allowance, RefusedLeaseLeavesTheOfflineBytesUntilALaterOneIsGranted) {
  script([](backend_script& plan) {
    plan.quota = 50'000'000;
    plan.offline_bytes = 10'000'000;
    plan.lease_refused = true;
  });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_LT(time_of(*device, 1'000'000).count(), 3.0);
  EXPECT_FALSE(device->wait([] { return false; }, std::chrono::milliseconds(1'500)));
  EXPECT_EQ(world.backend.count_of(backend_call::lease), 1U);
  script([](backend_script& plan) { plan.lease_refused = false; });
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.leases.size() > 1; }));
  const auto later = world.backend.record().leases[1];
  EXPECT_GE(later.used, 1'000'000U);
  EXPECT_LT(time_of(*device, 15'000'000).count(), 5.0);
}

TEST_F(Allowance, RefusedLeaseIsGivenBackOnce) {
  const auto given_back = [](std::ptrdiff_t times) {
    return [times](const backend_record& record) {
      return std::ranges::count(record.leases, std::uint64_t{0}, &lease_call::want) >= times;
    };
  };
  script([](backend_script& plan) { plan.quota = 50'000'000; });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    script([](backend_script& plan) { plan.lease_refused = true; });
  }
  ASSERT_TRUE(world.backend.wait_for(given_back(1)));
  EXPECT_FALSE(world.backend.wait_for(given_back(2), std::chrono::seconds(12)));
}

TEST_F(Allowance, QuotaEndsTheSessionWithANoticeAndIsNeverPassed) {
  static constexpr base::byte_count quota = 1'000'000;
  script([](backend_script& plan) { plan.quota = quota; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  start(*device, 4'000'000);
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::quota_exceeded);
  EXPECT_TRUE(was_told(*device, wire::errc::quota_exceeded));
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    const auto totals = answered_totals(record);
    return totals.up + totals.down >= quota - 2 * 16'384;
  }));
  device->let_run(std::chrono::milliseconds(300));
  EXPECT_LE(booked(), quota);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_quota_ends_total"), 1);
}

TEST_F(Allowance, SessionsOfASubscriptionTogetherNeverPassItsQuota) {
  static constexpr base::byte_count quota = 3'000'000;
  script([](backend_script& plan) {
    plan.quota = quota;
    plan.grant_most = 300'000;
  });
  std::vector<std::unique_ptr<tunnel>> devices;
  for (int i = 0; i < 6; ++i) {
    devices.push_back(world.connect(make_device("dev_" + std::to_string(i))));
    ASSERT_TRUE(devices.back()->wait_until_open());
  }
  for (auto& each : devices) {
    start(*each, quota);
  }
  const auto are_all_over = [&devices] {
    return std::ranges::all_of(devices,
                               [](const auto& each) { return each->farewell().has_value(); });
  };
  for (int round = 0; round < 500 && !are_all_over(); ++round) {
    for (auto& each : devices) {
      each->let_run(std::chrono::milliseconds(5));
    }
  }
  for (auto& each : devices) {
    EXPECT_TRUE(was_told(*each, wire::errc::quota_exceeded));
  }
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    const auto totals = answered_totals(record);
    return totals.up + totals.down >= quota - 12 * 16'384;
  }));
  devices.front()->let_run(std::chrono::milliseconds(300));
  EXPECT_LE(booked(), quota);
}

TEST_F(Allowance, LeaseIsRenewedWhileThereIsQuotaAndReleasedAtTheEnd) {
  script([](backend_script& plan) {
    plan.quota = 100'000'000;
    plan.grant_most = 2'000'000;
  });
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    EXPECT_LT(time_of(*device, 5'000'000).count(), 10.0);
    EXPECT_FALSE(device->farewell());
  }
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return !record.leases.empty() && record.leases.back().want == 0;
  }));
  const auto record = world.backend.record();
  EXPECT_GE(record.leases.size(), 5U);
  EXPECT_EQ(record.leases.back().used, 10'000'000U + greeting_size);
  EXPECT_EQ(record.granted.at("sub_test"), record.leases.back().used);
  EXPECT_TRUE(is_booked_exactly(record.leases.back().used));
  for (std::size_t at = 1; at < record.leases.size(); ++at) {
    EXPECT_GE(record.leases[at].used, record.leases[at - 1].used);
    EXPECT_EQ(record.leases[at].epoch, record.leases[0].epoch);
  }
}

TEST_F(Allowance, WithoutTheBackendTheOfflineQuotaHolds) {
  script([](backend_script& plan) {
    plan.quota = 100'000'000;
    plan.offline_bytes = 1'000'000;
  });
  world.backend.behave(backend_call::lease, conduct::drop);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  start(*device, 4'000'000);
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_TRUE(was_told(*device, wire::errc::quota_exceeded));
  device->let_run(std::chrono::milliseconds(400));
  EXPECT_LE(booked(), 1'000'000U);
  EXPECT_GE(booked(), 1'000'000U - 2 * 16'384);
}

TEST_F(Allowance, RevokedDeviceIsToldAndEndedAndOthersStay) {
  const auto revoked = world.connect(world.device);
  const auto other = world.connect(make_device("dev_other"));
  ASSERT_TRUE(revoked->wait_until_open());
  ASSERT_TRUE(other->wait_until_open());
  const auto started = std::chrono::steady_clock::now();
  script([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
  });
  ASSERT_TRUE(revoked->wait([&] { return revoked->farewell().has_value(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
  EXPECT_EQ(revoked->farewell()->code, wire::errc::device_revoked);
  EXPECT_TRUE(was_told(*revoked, wire::errc::device_revoked));
  EXPECT_LT(time_of(*other, 10'000).count(), 5.0);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_revocation_ends_total"), 1);
  const auto again = world.connect(world.device);
  EXPECT_TRUE(again->wait_until_over());
  EXPECT_FALSE(again->is_open());
}

}
}
