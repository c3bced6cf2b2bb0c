#include "drift_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "support/counting_world.hpp"

namespace httvps::backend {
namespace {

using test_support::mebibyte;

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  return ends;
}

class DriftWatch : public testing::Test, protected test_support::counting_world {
 protected:
  ~DriftWatch() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }

  void end_day(const models::traffic& reported, const models::traffic& counted) {
    carry(reported);
    count(counted);
    world.clock.advance(std::chrono::hours(25));
  }
  bool shows(const std::string& line) const {
    return metrics.expose().find("httvps_backend_usage_drift_" + line + "\n") != std::string::npos;
  }
  std::string logged() {
    base::logger(&sink, "usage").warn("end");
    sink.flush();
    std::array<char, 4096> buffer{};
    const auto read = ::read(pipe_[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(read, 0))};
  }

  std::array<int, 2> pipe_ = open_pipe();
  base::log_sink sink{{.descriptor = pipe_[1]}};
  base::metric_registry metrics;
  core::drift_watch watch{world.tools, {.metrics = metrics, .log = {&sink, "usage"}}};
};

TEST_F(DriftWatch, NodeOverTheBoundIsCountedAndNamedOnceADay) {
  end_day({.up = 5 * mebibyte, .down = 7}, {.up = 2 * mebibyte, .down = 9});
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("bytes{direction=\"up\"} 3145728"));
  EXPECT_TRUE(shows("bytes{direction=\"down\"} 2"));
  EXPECT_TRUE(shows("nodes_compared 1"));
  EXPECT_TRUE(shows("nodes_over_bound 1"));
  const auto first = logged();
  EXPECT_NE(first.find("usage_drift"), std::string::npos);
  EXPECT_NE(first.find(counting.id.text()), std::string::npos);
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(logged().find("usage_drift"), std::string::npos);
  end_day({.up = 15 * mebibyte}, {.up = 4 * mebibyte});
  ASSERT_TRUE(watch.look());
  EXPECT_NE(logged().find("usage_drift"), std::string::npos);
}

TEST_F(DriftWatch, NodeShowsThePartOfItsBytesThatDiffers) {
  end_day({.up = 8 * mebibyte}, {.up = 2 * mebibyte});
  EXPECT_EQ(metrics.expose().find("httvps_backend_usage_drift_ratio{"), std::string::npos);
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("ratio{node=\"" + counting.id.text() + "\"} 0.75"));
  end_day({.up = 9 * mebibyte}, {.up = 3 * mebibyte});
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("ratio{node=\"" + counting.id.text() + "\"} 0"));
}

TEST_F(DriftWatch, OnlyTheWorstHundredNodesHaveASeries) {
  for (std::size_t i = 0; i < core::most_drift_series; ++i) {
    const auto other = world.add_agent_node("other" + std::to_string(i));
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.key_counters.add({.day = today(),
                                      .node = other.id,
                                      .key = models::access_key_id::trusted("key"),
                                      .gateway = gateway.id,
                                      .up = 5});
    }));
  }
  end_day({.up = 8 * mebibyte}, {.up = 8 * mebibyte});
  ASSERT_TRUE(watch.look());
  const auto text = metrics.expose();
  std::size_t series = 0;
  for (auto at = text.find("drift_ratio{"); at != std::string::npos;
       at = text.find("drift_ratio{", at + 1)) {
    ++series;
  }
  EXPECT_EQ(series, core::most_drift_series);
  EXPECT_TRUE(shows("nodes_compared 101"));
  EXPECT_EQ(text.find("drift_ratio{node=\"" + counting.id.text()), std::string::npos);
}

TEST_F(DriftWatch, NodeThatAgreesIsComparedAndNotNamed) {
  end_day({.up = 5 * mebibyte, .down = 7}, {.up = 5 * mebibyte, .down = 7});
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("bytes{direction=\"up\"} 0"));
  EXPECT_TRUE(shows("nodes_compared 1"));
  EXPECT_TRUE(shows("nodes_over_bound 0"));
  EXPECT_EQ(logged().find("usage_drift"), std::string::npos);
}

}
}
