#include "httvps/backend/selection/rotation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace httvps::backend::selection {
namespace {

std::vector<rotation_entry> entries_of(const std::vector<unsigned>& weights) {
  std::vector<rotation_entry> entries;
  for (const auto weight : weights) {
    entries.push_back({.weight = static_cast<double>(weight), .credit = 0});
  }
  return entries;
}

std::string turns_of(std::vector<rotation_entry> entries, int turns) {
  std::string names;
  for (int i = 0; i < turns; ++i) {
    names += static_cast<char>('a' + static_cast<char>(*turn_rotation(entries)));
  }
  return names;
}

TEST(Rotation, SpreadsAsNginxDoes) {
  EXPECT_EQ(turns_of(entries_of({5, 1, 1}), 14), "aabacaaaabacaa");
  EXPECT_EQ(turns_of(entries_of({1, 1, 1}), 6), "abcabc");
  EXPECT_EQ(turns_of(entries_of({2, 1}), 6), "abaaba");
}

TEST(Rotation, GivesNothingWithoutWeight) {
  EXPECT_FALSE(next_in_rotation({}));
  auto idle = entries_of({0, 0});
  EXPECT_FALSE(turn_rotation(idle));
  auto one = entries_of({0, 3});
  EXPECT_EQ(turn_rotation(one), 1U);
  EXPECT_EQ(one[0].credit, 0);
}

TEST(Rotation, LookingAheadChangesNothing) {
  auto entries = entries_of({5, 1, 1});
  EXPECT_EQ(next_in_rotation(entries), 0U);
  EXPECT_EQ(next_in_rotation(entries), 0U);
  EXPECT_EQ(turns_of(entries, 7), "aabacaa");
}

TEST(Rotation, ThoseWhoMayNotChooseAnEntryLeaveItMoreForOthers) {
  auto entries = entries_of({1, 1, 1});
  std::vector<int> turns(3);
  for (int i = 0; i < 300; ++i) {
    entries[0].is_open = i % 3 != 2;
    entries[1].is_open = true;
    entries[2].is_open = i % 3 != 0;
    ++turns[*turn_rotation(entries)];
  }
  for (const auto each : turns) {
    EXPECT_NEAR(each, 100, 2);
  }
}

TEST(Rotation, CreditOfTheUnchosenIsBounded) {
  auto entries = entries_of({1, 1, 1});
  entries[0].is_open = false;
  for (int i = 0; i < 1000; ++i) {
    turn_rotation(entries);
  }
  EXPECT_EQ(entries[0].credit, 12);
  entries[0].is_open = true;
  int in_a_row = 0;
  while (turn_rotation(entries) == 0U) {
    ++in_a_row;
  }
  EXPECT_LE(in_a_row, 12);
}

RC_GTEST_PROP(Rotation, OneRoundGivesEachItsWeight, ()) {
  const auto weights =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(1U, 30U)));
  auto entries = entries_of(weights);
  std::vector<unsigned> turns(weights.size());
  const auto round = std::accumulate(weights.begin(), weights.end(), 0U);
  for (unsigned i = 0; i < round; ++i) {
    ++turns[*turn_rotation(entries)];
  }
  RC_ASSERT(turns == weights);
  RC_ASSERT(std::ranges::all_of(entries, [](const auto& each) { return each.credit == 0; }));
}

}
}
