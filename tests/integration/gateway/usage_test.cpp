#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

struct Usage : ::testing::Test {
  gateway_world world;
  counting_origin counted;

  bool transfer(tunnel& device, std::size_t count) {
    const auto stream = device.open(loopback_target(counted.port()), pattern(count));
    return device.wait(
        [&] { return device.view(stream).received.size() == count + greeting_size; });
  }

  bool all_reported() const {
    return world.backend.wait_for([this](const backend_record& record) {
      return answered_totals(record) == counted.totals();
    });
  }
};

TEST_F(Usage, EqualsTheBytesAtTheOrigin) {
  const auto first = world.connect(world.device);
  const auto second = world.connect(make_device("dev_second"));
  ASSERT_TRUE(first->wait_until_open());
  ASSERT_TRUE(second->wait_until_open());
  for (const std::size_t count : {10U, 4'000U, 1'300'000U}) {
    EXPECT_TRUE(transfer(*first, count));
    EXPECT_TRUE(transfer(*second, 2 * count));
  }
  EXPECT_TRUE(all_reported());
  EXPECT_EQ(counted.received(), 3 * 1'304'010U);
  EXPECT_EQ(counted.sent(), 3 * 1'304'010U + 6 * greeting_size);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_bytes_up_total"), counted.received());
  EXPECT_EQ(world.gateway.metric("httvps_gateway_bytes_down_total"), counted.sent());
}

TEST_F(Usage, FirstRowOfASessionCarriesTheTokenAndLaterRowsDoNot) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(transfer(*device, 1000));
  ASSERT_TRUE(all_reported());
  ASSERT_TRUE(transfer(*device, 1000));
  ASSERT_TRUE(all_reported());
  const auto deliveries = answered(world.backend.record());
  ASSERT_GE(deliveries.size(), 2U);
  ASSERT_EQ(deliveries[0].lines.size(), 1U);
  const auto access = world.keys.verify(deliveries[0].lines[0].token);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->claims.device_id, world.device.id);
  EXPECT_EQ(deliveries[0].lines[0].node_id, "node_test");
  for (std::size_t i = 1; i < deliveries.size(); ++i) {
    EXPECT_EQ(deliveries[i].lines[0].token, "");
    EXPECT_EQ(deliveries[i].lines[0].session, deliveries[0].lines[0].session);
  }
}

TEST_F(Usage, SequenceGrowsByOneWithinOneEpoch) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(transfer(*device, 100));
    ASSERT_TRUE(all_reported());
  }
  const auto deliveries = answered(world.backend.record());
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    EXPECT_EQ(deliveries[i].sequence, i + 1);
    EXPECT_EQ(deliveries[i].epoch, deliveries[0].epoch);
  }
  EXPECT_EQ(deliveries[0].epoch.size(), 16U);
}

TEST_F(Usage, BatchIsSentAgainUnchangedUntilItIsAcknowledged) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  world.backend.behave(backend_call::usage, conduct::drop);
  ASSERT_TRUE(transfer(*device, 1000));
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.usage.size() >= 2; }));
  ASSERT_TRUE(transfer(*device, 500));
  world.backend.behave(backend_call::usage, conduct::fail);
  const auto before = world.backend.record().usage.size();
  ASSERT_TRUE(world.backend.wait_for(
      [before](const backend_record& record) { return record.usage.size() > before + 1; }));
  world.backend.behave(backend_call::usage, conduct::answer);
  ASSERT_TRUE(all_reported());
  std::map<std::uint64_t, std::set<std::string>> bodies;
  for (const auto& each : world.backend.record().usage) {
    bodies[each.sequence].insert(each.body);
  }
  for (const auto& [sequence, distinct] : bodies) {
    EXPECT_EQ(distinct.size(), 1U) << "sequence " << sequence;
  }
  EXPECT_GE(bodies.size(), 2U);
}

TEST_F(Usage, AnswerThatDoesNotReachTheBatchIsNoAcknowledgement) {
  world.backend.change([](backend_script& script) { script.acknowledges = 0; });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(transfer(*device, 1000));
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.usage.size() >= 3; }));
  const auto deliveries = world.backend.record().usage;
  for (const auto& each : deliveries) {
    EXPECT_EQ(each.body, deliveries.front().body);
  }
  world.backend.change([](backend_script& script) { script.acknowledges.reset(); });
  ASSERT_TRUE(transfer(*device, 500));
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, NumbersThatTheBackendMissesAreSentAgainOrFilled) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(transfer(*device, 100));
    ASSERT_TRUE(all_reported());
  }
  const auto next = answered(world.backend.record()).back().sequence + 1;
  ASSERT_TRUE(world.gateway.wait_for_metric("httvps_gateway_usage_batches_total",
                                            static_cast<double>(next - 1)));
  ASSERT_GT(next, 3U);
  world.backend.change([next](backend_script& script) {
    script.acknowledges = next - 3;
    script.gaps = {{next - 2, next - 1}};
  });
  ASSERT_TRUE(transfer(*device, 100));
  ASSERT_TRUE(world.backend.wait_for([next](const backend_record& record) {
    return std::ranges::any_of(record.usage, [next](const usage_delivery& each) {
      return each.sequence == next - 1 && each.lines.empty();
    });
  }));
  world.backend.change([](backend_script& script) {
    script.acknowledges.reset();
    script.gaps.clear();
  });
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_usage_gaps_filled_total", 2));
  ASSERT_TRUE(transfer(*device, 100));
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, KilledGatewayReportsWhatItHadWrittenDown) {
  world.backend.behave(backend_call::usage, conduct::drop);
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    ASSERT_TRUE(transfer(*device, 100'000));
    ASSERT_TRUE(
        world.backend.wait_for([](const backend_record& record) { return !record.usage.empty(); }));
    ASSERT_TRUE(world.gateway.wait_for_metric("httvps_gateway_usage_batches_retried_total", 2));
    world.gateway.kill_at_once();
  }
  world.backend.behave(backend_call::usage, conduct::answer);
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, FullDiskLosesAndDoublesNothing) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(transfer(*device, 1000));
  ASSERT_TRUE(all_reported());
  world.gateway.fill_disk();
  ASSERT_TRUE(transfer(*device, 2000));
  EXPECT_TRUE(all_reported());
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_usage_write_failures_total", 1));
  world.gateway.free_disk();
  ASSERT_TRUE(transfer(*device, 3000));
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, SessionThatMovedNothingIsNotReported) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  device->let_run(std::chrono::milliseconds(400));
  EXPECT_TRUE(world.backend.record().usage.empty());
}

TEST_F(Usage, ClosedSessionIsReportedToItsLastByte) {
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    world.backend.behave(backend_call::usage, conduct::drop);
    ASSERT_TRUE(transfer(*device, 2'000'000));
  }
  world.backend.behave(backend_call::usage, conduct::answer);
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, LastRowOfASessionSaysThatItIsTheLast) {
  const auto says_so = [](const usage_delivery& each) {
    return each.body.find(R"("final":true)") != std::string::npos;
  };
  {
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    ASSERT_TRUE(transfer(*device, 1000));
    ASSERT_TRUE(all_reported());
    EXPECT_TRUE(std::ranges::none_of(answered(world.backend.record()), says_so));
  }
  EXPECT_TRUE(world.backend.wait_for([&](const backend_record& record) {
    return std::ranges::any_of(answered(record), says_so);
  }));
  EXPECT_TRUE(all_reported());
}

TEST_F(Usage, RefusedTargetsCostWhatTheNodeWasSent) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(free_port()), pattern(321));
  ASSERT_TRUE(device->wait([&] { return device->view(stream).is_over(); }));
  EXPECT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return answered_totals(record) == usage_totals{321, 0};
  }));
}

struct UsageBacklog : ::testing::Test {
  static constexpr double least_row = 400;
  gateway_world world{{.environment = {{"GATEWAY_USAGE_MEMORY", "16384"}}}};
  tcp_origin origin{echo_until_end};

  std::optional<wire::errc> refusal_of(const std::string& name) {
    const auto device = world.connect(make_device(name));
    if (!device->wait_until_open()) {
      return device->refused() ? device->refused()->code : wire::errc::carrier_lost;
    }
    const auto stream = device->open(loopback_target(origin.port()), pattern(10));
    EXPECT_TRUE(device->wait([&] { return device->view(stream).received.size() == 10; }));
    return std::nullopt;
  }
};

TEST_F(UsageBacklog, RefusesNewSessionsWhileItIsFullAndNoLonger) {
  world.backend.behave(backend_call::usage, conduct::fail);
  world.gateway.fill_disk();
  std::optional<wire::errc> refusal;
  for (int i = 0; i < 100 && !refusal; ++i) {
    refusal = refusal_of("dev_" + std::to_string(i));
  }
  EXPECT_EQ(refusal, wire::errc::usage_backlog_full);
  world.backend.behave(backend_call::usage, conduct::answer);
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return !record.usage.empty() && record.usage.back().answered;
  }));
  for (int attempt = 0; attempt < 50 && refusal; ++attempt) {
    refusal = refusal_of("dev_later");
  }
  EXPECT_EQ(refusal, std::nullopt);
}

TEST_F(UsageBacklog, DoesNotFillWhileTheDiskTakesTheUsage) {
  world.backend.behave(backend_call::usage, conduct::fail);
  for (int round = 0; round < 10; ++round) {
    const auto written = world.gateway.metric("httvps_gateway_usage_spool_bytes");
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(refusal_of("dev_" + std::to_string(10 * round + i)), std::nullopt);
    }
    ASSERT_TRUE(
        world.gateway.wait_for_metric("httvps_gateway_usage_spool_bytes", written + 8 * least_row));
  }
}

TEST(UsageOfSeveralThreads, IsReportedOnceForEachSession) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "3"}}}};
  const counting_origin counted;
  std::vector<std::unique_ptr<tunnel>> devices;
  for (int i = 0; i < 9; ++i) {
    devices.push_back(world.connect(make_device("dev_" + std::to_string(i))));
    auto& device = *devices.back();
    ASSERT_TRUE(device.wait_until_open());
    const auto stream = device.open(loopback_target(counted.port()), pattern(5'000));
    ASSERT_TRUE(
        device.wait([&] { return device.view(stream).received.size() == 5'000 + greeting_size; }));
  }
  EXPECT_TRUE(world.backend.wait_for(
      [&](const backend_record& record) { return answered_totals(record) == counted.totals(); }));
  std::set<std::uint64_t> sessions;
  for (const auto& delivery : world.backend.record().usage) {
    for (const auto& line : delivery.lines) {
      sessions.insert(line.session);
    }
  }
  EXPECT_EQ(sessions.size(), 9U);
}

}
}
