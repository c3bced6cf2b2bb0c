#include "loadgen/tally.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

using std::chrono::milliseconds;

TEST(Percentile, PicksTheNearestRank) {
  const std::vector<double> sorted{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  EXPECT_EQ(percentile(sorted, 0), 1);
  EXPECT_EQ(percentile(sorted, 0.5), 6);
  EXPECT_EQ(percentile(sorted, 1), 11);
  EXPECT_EQ(percentile({}, 0.5), 0);
}

TEST(Tally, ReportsRateLatencyAndBytes) {
  tally totals;
  totals.add(session_result{.whole = milliseconds(4), .first_byte = milliseconds(2)});
  totals.add(traffic{.body_down = base::mebibyte, .tunnel_down = base::mebibyte + 100});
  const auto text = totals.report(milliseconds(500));
  EXPECT_NE(text.find(R"("done":1,"failed":0)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("mibps":2.000,"per_second":2.00)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("tunnel_down":1048676)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("p99_ms":4.0000,"ttfb_p50_ms":2.0000)"), std::string::npos) << text;
}

TEST(Tally, CountsFailuresByName) {
  tally totals;
  totals.add(base::error(errc::timed_out));
  totals.add(base::error(errc::timed_out));
  EXPECT_EQ(totals.failed(), 2U);
  EXPECT_NE(totals.report(milliseconds(1)).find(R"("failures":{"timed_out":2})"),
            std::string::npos);
}

}
}
