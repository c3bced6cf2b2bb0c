#include "usage_meter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fleet_meter.hpp"
#include "httvps/backend/models/node.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_reply;
using test_support::api_world;

bool shows(const base::metric_registry& metrics, const std::string& labels, std::uint64_t bytes) {
  const auto line = fmt::format("httvps_backend_usage_bytes_total{{{}}} {}\n", labels, bytes);
  return metrics.expose().find(line) != std::string::npos;
}

TEST(UsageMeter, BytesCountForTheRegionOfTheGateway) {
  base::metric_registry metrics;
  api::usage_meter meter(metrics);
  meter.count("eu", {.up = 5, .down = 7});
  meter.count("us", {.up = 1, .down = 0});
  meter.count("eu", {.up = 10, .down = 1});
  EXPECT_TRUE(shows(metrics, R"(region="eu",direction="up")", 15)) << metrics.expose();
  EXPECT_TRUE(shows(metrics, R"(region="eu",direction="down")", 8));
  EXPECT_TRUE(shows(metrics, R"(region="us",direction="up")", 1));
  EXPECT_TRUE(shows(metrics, R"(region="us",direction="down")", 0));
}

TEST(UsageMeter, RegionThatNobodyKnowsIsNone) {
  base::metric_registry metrics;
  api::usage_meter meter(metrics);
  meter.count("", {.up = 5});
  meter.count(models::no_region, {.up = 2});
  EXPECT_TRUE(shows(metrics, R"(region="none",direction="up")", 7)) << metrics.expose();
}

TEST(UsageMeter, RegionsBeyondTheBoundShareOneLabel) {
  base::metric_registry metrics;
  api::usage_meter meter(metrics);
  for (std::size_t i = 0; i < api::most_region_series + 2; ++i) {
    meter.count(fmt::format("r{}", i), {.up = 1});
  }
  meter.count("r0", {.up = 1});
  EXPECT_TRUE(shows(metrics, R"(region="other",direction="up")", 2)) << metrics.expose();
  EXPECT_TRUE(shows(metrics, R"(region="r0",direction="up")", 2));
  EXPECT_FALSE(
      shows(metrics, fmt::format(R"(region="r{}",direction="up")", api::most_region_series), 1));
}

class ReportedBytes : public testing::Test {
 protected:
  api_reply report(std::uint64_t seq, std::uint64_t up) {
    return world.call(
        {.method = "POST",
         .target = "/api/v1/usage/report",
         .token = std::string(joined.credential.reveal_text()),
         .body = fmt::format(
             R"({{"epoch":"0a","seq":{},"rows":[{{"n":1,"node_id":"{}","up":{},"down":3,"token":"{}"}}]}})",
             seq, node.id.text(), up, token)});
  }

  api_world world;
  models::user user = world.add_user();
  services::subscription_report subscription = world.subscribe(user, world.add_plan());
  services::joined_gateway joined = world.join();
  models::node node = world.add_node();
  std::string token = world.enrol(user, joined.gateway).answer.token;
};

TEST_F(ReportedBytes, HaveTheRegionOfTheGatewayThatReportedThem) {
  const auto region = joined.gateway.region;
  ASSERT_EQ(report(1, 100).status, 200);
  ASSERT_EQ(report(1, 100).status, 200);
  ASSERT_EQ(report(2, 150).status, 200);
  EXPECT_TRUE(shows(world.metrics, fmt::format(R"(region="{}",direction="up")", region), 150))
      << world.metrics.expose();
  EXPECT_TRUE(shows(world.metrics, fmt::format(R"(region="{}",direction="down")", region), 3));
}

}
}
