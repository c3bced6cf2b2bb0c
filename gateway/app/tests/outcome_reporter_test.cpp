#include "httvps/gateway/app/outcome_reporter.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

using std::chrono::milliseconds;

TEST(Outcomes, OfSeveralThreadsAreAddedUp) {
  const auto merged =
      merge_outcomes({{.node_id = "b", .succeeded = 1, .failed = 0, .took = milliseconds(5)},
                      {.node_id = "a", .succeeded = 0, .failed = 2, .took = {}},
                      {.node_id = "b", .succeeded = 3, .failed = 1, .took = milliseconds(7)}});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].node_id, "a");
  EXPECT_EQ(merged[0].failed, 2U);
  EXPECT_EQ(merged[1].succeeded, 4U);
  EXPECT_EQ(merged[1].failed, 1U);
  EXPECT_EQ(merged[1].took, milliseconds(12));
}

TEST(Outcomes, OfManyNodesAreBounded) {
  std::vector<node_outcome> many;
  for (std::size_t i = 0; i < outcomes_most + 9; ++i) {
    many.push_back({.node_id = "n" + std::to_string(i), .succeeded = 1});
  }
  EXPECT_EQ(merge_outcomes(many).size(), outcomes_most);
}

}
}
