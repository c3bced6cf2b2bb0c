#include "httvps/backend/models/enrolment_code.hpp"

#include <gtest/gtest.h>

#include <set>

namespace httvps::backend::models {
namespace {

TEST(EnrolmentCode, HasFiftyBitsOfASymbolEach) {
  base::seeded_random random(1);
  std::set<std::string> made;
  std::set<char> symbols;
  for (int count = 0; count < 2000; ++count) {
    const auto code = make_enrolment_code(random);
    EXPECT_EQ(code.size(), enrolment_code_symbols);
    symbols.insert(code.begin(), code.end());
    made.insert(code);
  }
  EXPECT_EQ(made.size(), 2000U);
  EXPECT_EQ(symbols.size(), 32U);
}

TEST(EnrolmentCode, WhatIsShownIsReadBack) {
  base::seeded_random random(2);
  for (int count = 0; count < 100; ++count) {
    const auto code = make_enrolment_code(random);
    const auto shown = shown_enrolment_code(code);
    EXPECT_EQ(shown.size(), enrolment_code_symbols + 1);
    EXPECT_EQ(shown[5], '-');
    EXPECT_EQ(canonical_enrolment_code(shown), code);
  }
}

TEST(EnrolmentCode, SlipsOfTheHandAreForgiven) {
  EXPECT_EQ(canonical_enrolment_code("abcde-fghjk"), "ABCDEFGHJK");
  EXPECT_EQ(canonical_enrolment_code("ABCDE FGHJK "), "ABCDEFGHJK");
  EXPECT_EQ(canonical_enrolment_code("O0oIiLl1-23"), "0001111123");
}

TEST(EnrolmentCode, OtherTextIsNoCode) {
  for (const auto* text : {"", "-", "ABCDE-FGHJ", "ABCDE-FGHJKM", "ABCDE-FGHJU", "-ABCDEFGHJK",
                           "ABCDE/FGHJK", "ABCDE\nFGHJK",
                           "\xc3\xa4"
                           "BCDEFGHJ"}) {
    EXPECT_FALSE(canonical_enrolment_code(text)) << text;
  }
}

}
}
