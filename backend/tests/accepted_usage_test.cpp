#include "httvps/backend/services/accepted_usage.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

accepted_line line_of(std::uint64_t session, std::uint8_t node, const models::traffic& counted) {
  return {.session = session,
          .node = models::node_id::trusted("nd_" + std::to_string(node)),
          .counted = counted};
}

TEST(AcceptedUsage, IsOneLineARowAfterTheNamesOfTheNodes) {
  auto last = line_of(9, 2, {.up = 5, .down = models::largest_counter});
  last.holder = models::device_id::trusted("dev_a");
  last.is_final = true;
  const std::vector lines{line_of(7, 1, {.up = 1, .down = 2}), last};
  EXPECT_EQ(encode_lines(lines),
            "nd_1 nd_2\n7 0 1 2\n9 1 5 " + std::to_string(models::largest_counter) + " @dev_a !");
  EXPECT_EQ(decode_lines(encode_lines(lines)).value(), lines);
}

TEST(AcceptedUsage, NothingIsNothing) {
  EXPECT_EQ(encode_lines({}), "");
  EXPECT_TRUE(decode_lines("").value().empty());
}

TEST(AcceptedUsage, WhatNobodyWroteIsRefused) {
  for (const auto* text :
       {"nd_1\n7", "nd_1\n7 0 1", "nd_1\n7 1 1 2", "nd_1\n7 0 x 2", "nd_1\n7 0 1 2 @",
        "nd_1\n7 0 1 2 dev", "nd_1\n7 0 1 2 ! ?", "nd_1\n-7 0 1 2", "nd_1\n7 0 1 2\n\n8 0 1 2",
        "nd_1\n7 0 1 18446744073709551616", "\n7 0 1 2"}) {
    EXPECT_EQ(decode_lines(text).error(), errc::storage_failed) << text;
  }
}

RC_GTEST_PROP(AcceptedUsageProperty, ComesBackAsItWas,
              (const std::vector<std::tuple<std::uint64_t, std::uint8_t, std::uint64_t>>& rows)) {
  std::vector<accepted_line> lines;
  for (const auto& [session, node, count] : rows) {
    auto line = line_of(session, node % 5, {.up = count, .down = session});
    line.is_final = node % 2 == 0;
    if (node % 3 == 0) {
      line.holder = models::device_id::trusted("dev_" + std::to_string(count));
    }
    lines.push_back(line);
  }
  RC_ASSERT(decode_lines(encode_lines(lines)).value() == lines);
}

}
}
