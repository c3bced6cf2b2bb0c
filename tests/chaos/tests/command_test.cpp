#include "gate/command.hpp"

#include <gtest/gtest.h>

namespace httvps::chaos {
namespace {

template <typename Kind>
Kind parsed(std::string_view line) {
  const auto found = parse_command(line);
  EXPECT_TRUE(found.has_value() && std::holds_alternative<Kind>(*found)) << line;
  return std::get<Kind>(found.value());
}

TEST(Command, ReadsEachVerb) {
  parsed<cut_all>(R"({"cut":"all"})");
  parsed<ask_stats>(R"({"stats":true})");
  EXPECT_EQ(parsed<cut_one>(R"({"cut":7})").id, 7U);
  EXPECT_EQ(parsed<freeze_one>(R"({"freeze":2})").id, 2U);
  EXPECT_EQ(parsed<change_settings>(R"({"set":{"cap":3}})").wanted.size(), 1U);
}

TEST(Command, ReadsTheLimitsOfOneConnection) {
  const auto limits =
      parsed<limit_one>(R"({"limit":{"id":4,"cut_after_down":1000,"freeze_after_up":5}})");
  EXPECT_EQ(limits.id, 4U);
  EXPECT_EQ(limits.down.cut_after, 1000U);
  EXPECT_EQ(limits.up.freeze_after, 5U);
  EXPECT_EQ(limits.up.cut_after, 0U);
}

TEST(Command, NamesWhatItCannotRead) {
  for (const auto* line : {"", "cut", "[]", "{}", R"({"cut":"all","stats":true})"}) {
    const auto refused = parse_command(line);
    ASSERT_FALSE(refused.has_value()) << line;
    EXPECT_EQ(refused.error(), base::errc::invalid_encoding) << line;
  }
  for (const auto* line : {R"({"cut":"some"})", R"({"cut":0})", R"({"freeze":-1})", R"({"set":3})",
                           R"({"stats":false})", R"({"sing":true})", R"({"limit":{}})"}) {
    const auto refused = parse_command(line);
    ASSERT_FALSE(refused.has_value()) << line;
    EXPECT_EQ(refused.error(), base::errc::invalid_argument) << line;
  }
  const auto other = parse_command(R"({"limit":{"id":1,"cap":3}})");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error(), base::errc::unknown_setting);
}

}
}
