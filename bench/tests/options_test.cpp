#include "loadgen/options.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

base::result<load_options> parse(std::initializer_list<std::string_view> words) {
  const std::vector<std::string_view> arguments(words);
  return parse_load_options(arguments);
}

TEST(LoadOptions, SplitsTheBytesOverTheConnections) {
  const auto options =
      parse({"down", "--to", "127.0.0.1:80", "--conns", "8", "--bytes", "1048576"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->count, 8U);
  EXPECT_EQ(options->expected, 131072U);
  EXPECT_EQ(options->entries.size(), 1U);
}

TEST(LoadOptions, MeasuresTheFirstByteOneConnectionAtATime) {
  const auto options = parse({"ttfb", "--to", "127.0.0.1:80", "--conns", "8", "--count", "9"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->parallel, 1U);
  EXPECT_EQ(options->count, 9U);
}

TEST(LoadOptions, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parse({}).has_value());
  EXPECT_FALSE(parse({"sideways", "--to", "127.0.0.1:80"}).has_value());
  EXPECT_FALSE(parse({"down", "--to", "127.0.0.1:80", "--colour", "1"}).has_value());
  EXPECT_FALSE(parse({"down", "--to", "127.0.0.1:80", "--conns", "0"}).has_value());
  EXPECT_FALSE(parse({"down", "--to", "localhost:80"}).has_value());
  EXPECT_FALSE(parse({"down", "--to", "127.0.0.1:70000"}).has_value());
}

TEST(LoadOptions, NeedsAnEntryForAProxy) {
  const auto options = parse({"conn", "--to", "127.0.0.1:80", "--proxy", "socks5"});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error(), errc::invalid_option);
}

}
}
