#include "httvps/base/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace httvps::base {
namespace {

TEST(Metrics, ExposesCountersGaugesAndHistogramsAsPrometheusText) {
  metric_registry registry;
  auto opened =
      registry.add_counter({"httvps_streams_opened_total", "Streams.", {{"kind", "tcp"}}});
  auto live = registry.add_gauge({"httvps_streams", "Live streams."});
  auto delay = registry.add_histogram({"httvps_delay_seconds", "Delay."}, latency_bounds_seconds);
  registry.add_callback_gauge({"httvps_ratio", "Ratio."}, [] { return 0.5; });
  opened.add(2);
  live.add(3);
  live.add(-1);
  delay.observe(0.002);
  const auto text = registry.expose();
  EXPECT_NE(text.find("httvps_streams_opened_total{kind=\"tcp\"} 2"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_streams 2"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_delay_seconds_bucket{le=\"0.0025\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_delay_seconds_bucket{le=\"0.001\"} 0"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_delay_seconds_bucket{le=\"+Inf\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_ratio 0.5"), std::string::npos) << text;
}

TEST(Metrics, CallbackNamesItsSeriesAtEachExposition) {
  metric_registry registry;
  std::vector<gauge_reading> seen;
  registry.add_callback_gauges({"httvps_members", "Members."}, [&] { return seen; });
  EXPECT_EQ(registry.expose().find("httvps_members"), std::string::npos);
  seen = {{.labels = {{"region", "eu"}}, .value = 2}, {.labels = {{"region", "us"}}, .value = 1}};
  const auto text = registry.expose();
  EXPECT_NE(text.find("httvps_members{region=\"eu\"} 2"), std::string::npos) << text;
  EXPECT_NE(text.find("httvps_members{region=\"us\"} 1"), std::string::npos) << text;
  seen.pop_back();
  EXPECT_EQ(registry.expose().find("region=\"us\""), std::string::npos);
}

TEST(Metrics, AddsUpOverThreads) {
  metric_registry registry;
  auto total = registry.add_counter({"httvps_total", "Total."});
  std::thread first([&] { total.add(5); });
  std::thread second([&] { total.add(7); });
  first.join();
  second.join();
  EXPECT_EQ(total.value(), 12U);
}

TEST(Metrics, GaugeMayFallOnAnotherThread) {
  metric_registry registry;
  auto live = registry.add_gauge({"httvps_live", "Live."});
  live.add(1);
  std::thread([&] { live.add(-1); }).join();
  EXPECT_EQ(live.value(), 0);
}

}
}
