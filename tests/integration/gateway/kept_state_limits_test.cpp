#include <gtest/gtest.h>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/kept_state.hpp"

namespace httvps::testing {
namespace {

using std::chrono::hours;

constexpr std::size_t beats_of_a_rest = 15;
constexpr int rests_awaited = 10;

struct KeptStateLimits : KeptState {
  double writes() const {
    return world.gateway.metric("httvps_gateway_state_writes_total{result=\"written\"}");
  }
  bool wait_for_beats(std::size_t more) const {
    const auto until = world.backend.record().heartbeats.size() + more;
    return world.backend.wait_for(
        [until](const backend_record& seen) { return seen.heartbeats.size() >= until; });
  }
  bool wait_until_writing_rests() const {
    for (int tried = 0; tried < rests_awaited; ++tried) {
      const auto before = writes();
      if (!wait_for_beats(beats_of_a_rest)) {
        return false;
      }
      if (before >= 1 && writes() == before) {
        return true;
      }
    }
    return false;
  }
};

TEST_F(KeptStateLimits, ExpiredTokensCountForAsLongAsTheBackendHasBeenSilent) {
  serve_once_and_keep();
  world.backend.go_down();
  world.gateway.kill_at_once();
  change_kept([](gateway_state& state) { state.heard_at -= hours(3); });
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(is_served_with_a_token_expired_for(hours(2)));
  EXPECT_FALSE(is_served_with_a_token_expired_for(hours(4)));
}

TEST_F(KeptStateLimits, IsTooOldADayAfterTheBackendWasHeard) {
  serve_once_and_keep();
  world.backend.go_down();
  world.gateway.kill_at_once();
  change_kept([](gateway_state& state) { state.heard_at -= hours(25); });
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(world.gateway.wait_for_log("state_too_old"));
  EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable);
}

TEST_F(KeptStateLimits, DeviceValidatedMoreThanSevenDaysAgoIsUnknown) {
  serve_once_and_keep();
  world.backend.go_down();
  world.gateway.kill_at_once();
  change_kept([](gateway_state& state) {
    auto old = *state.devices.front();
    old.validated_at -= hours(24 * 7 + 1);
    state.devices = {std::make_shared<const gateway::validated_device>(std::move(old))};
  });
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_EQ(world.gateway.metric("httvps_gateway_state_restored_devices"), 0);
  EXPECT_EQ(refusal_of(world.device), wire::errc::backend_unavailable);
  EXPECT_EQ(refusal_of(second), wire::errc::backend_unavailable);
}

TEST_F(KeptStateLimits, OlderRevocationsOfTheBackendDoNotReplaceNewerOnes) {
  ASSERT_TRUE(is_served(world.device));
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 5;
    plan.revoked_devices = {"dev_second"};
  });
  ASSERT_TRUE(wait_until_kept([](const gateway_state& state) {
    return knows(state, "dev_first") && state.config->revocation_version == 5;
  }));
  start_killed_without_backend();
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 4;
    plan.revoked_devices = {};
  });
  world.backend.come_back();
  ASSERT_TRUE(world.gateway.wait_for_log("revocations_older"));
  EXPECT_TRUE(is_served(world.device));
  EXPECT_FALSE(is_served(second));
}

TEST_F(KeptStateLimits, OfflineBytesAreNotGivenAnewByAStart) {
  constexpr std::size_t first_part = 200'000;
  constexpr base::byte_count offline_bytes = 1'000'000;
  const counting_origin counted;
  const auto target = loopback_target(counted.port());
  world.backend.change([](backend_script& plan) {
    plan.quota = 100 * offline_bytes;
    plan.offline_bytes = offline_bytes;
  });
  world.backend.behave(backend_call::lease, conduct::drop);
  base::byte_count down = 0;
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    const auto stream = device->open(target, pattern(first_part));
    ASSERT_TRUE(device->wait([&] { return device->view(stream).received.size() >= first_part; }));
    down = device->view(stream).received.size();
  }
  ASSERT_TRUE(wait_until_kept([](const gateway_state& state) {
    return knows(state, "dev_first") && !state.quotas.empty() &&
           state.quotas.front().offline_used >= 2 * first_part;
  }));
  start_killed_without_backend();
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(target, pattern(3'000'000));
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::quota_exceeded);
  EXPECT_LE(counted.received() + down + device->view(stream).received.size(), offline_bytes);
}

TEST_F(KeptStateLimits, IsWrittenOnlyWhenSomethingChanged) {
  serve_once_and_keep();
  EXPECT_TRUE(wait_until_writing_rests()) << writes() << " writes";
  EXPECT_GT(world.gateway.metric("httvps_gateway_state_bytes"), 100);
}

TEST_F(KeptStateLimits, FullDiskIsCountedAndStopsNothing) {
  serve_once_and_keep();
  world.gateway.fill_disk();
  ASSERT_TRUE(is_served(make_device("dev_third")));
  EXPECT_TRUE(
      world.gateway.wait_for_metric("httvps_gateway_state_writes_total{result=\"failed\"}", 1));
  world.gateway.free_disk();
  EXPECT_TRUE(
      wait_until_kept([](const gateway_state& state) { return knows(state, "dev_third"); }));
}

}
}
