#include "httvps/backend/selection/ejection.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::selection {
namespace {

connect_record record_of(std::uint64_t succeeded, std::uint64_t failed) {
  return {.succeeded = succeeded, .failed = failed, .failed_in_a_row = 0};
}

TEST(Ejection, TakesFiveFailuresInARow) {
  const std::vector<connect_record> records{{.succeeded = 0, .failed = 4, .failed_in_a_row = 4},
                                            {.succeeded = 0, .failed = 5, .failed_in_a_row = 5}};
  const auto failing = find_failing(records);
  ASSERT_EQ(failing.size(), 1U);
  EXPECT_EQ(failing[0].index, 1U);
  EXPECT_EQ(failing[0].cause, ejection_cause::failures_in_a_row);
}

TEST(Ejection, TakesWhoIsFarBelowTheOthers) {
  std::vector<connect_record> records(9, record_of(1000, 0));
  records.push_back(record_of(700, 300));
  const auto failing = find_failing(records);
  ASSERT_EQ(failing.size(), 1U);
  EXPECT_EQ(failing[0].index, 9U);
  EXPECT_EQ(failing[0].cause, ejection_cause::low_success);
}

TEST(Ejection, ComparesOnlyAmongFiveWithHundredAttempts) {
  std::vector<connect_record> four(3, record_of(1000, 0));
  four.push_back(record_of(100, 900));
  EXPECT_TRUE(find_failing(four).empty());
  std::vector<connect_record> quiet(9, record_of(1000, 0));
  quiet.push_back(record_of(49, 50));
  EXPECT_TRUE(find_failing(quiet).empty());
  quiet.back() = record_of(50, 50);
  EXPECT_EQ(find_failing(quiet).size(), 1U);
}

TEST(Ejection, SparesSmallDifferences) {
  std::vector<connect_record> records(9, record_of(1000, 0));
  records.push_back(record_of(960, 40));
  EXPECT_TRUE(find_failing(records).empty());
  EXPECT_TRUE(find_failing(std::vector<connect_record>(10, record_of(1000, 0))).empty());
}

TEST(Ejection, NamesTheWorstFirst) {
  std::vector<connect_record> records(20, record_of(1000, 0));
  records.push_back(record_of(500, 500));
  records.push_back({.succeeded = 0, .failed = 9, .failed_in_a_row = 9});
  const auto failing = find_failing(records);
  ASSERT_EQ(failing.size(), 2U);
  EXPECT_EQ(failing[0].index, 21U);
  EXPECT_EQ(failing[1].index, 20U);
}

TEST(Ejection, LastsLongerEachTimeUpToFiveMinutes) {
  EXPECT_EQ(ejection_time(1), std::chrono::seconds(30));
  EXPECT_EQ(ejection_time(3), std::chrono::seconds(90));
  EXPECT_EQ(ejection_time(10), std::chrono::seconds(300));
  EXPECT_EQ(ejection_time(1000), std::chrono::seconds(300));
}

TEST(Ejection, TakesAtMostAThird) {
  EXPECT_EQ(most_ejected(2), 0U);
  EXPECT_EQ(most_ejected(3), 1U);
  EXPECT_EQ(most_ejected(100), 33U);
}

}
}
