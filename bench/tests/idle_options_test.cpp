#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "idle_sessions/options.hpp"

namespace httvps::bench {
namespace {

base::result<idle_options> parse(std::initializer_list<std::string_view> words) {
  const std::vector<std::string_view> arguments(words);
  return parse_idle_options(arguments);
}

TEST(IdleOptions, SpreadsTheSessionsOverSeveralDevices) {
  const auto options =
      parse({"--state", "a", "--state", "b", "--count", "5000", "--connect-to", "127.0.0.1:443",
             "--at-once", "4", "--rate", "100", "--timeout", "9"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->states, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options->sessions, 5000U);
  EXPECT_EQ(options->at_once, 4U);
  EXPECT_EQ(options->a_second, 100U);
  EXPECT_EQ(options->limit, std::chrono::seconds(9));
  ASSERT_TRUE(options->connect_to.has_value());
  EXPECT_EQ(options->connect_to->port, 443);
}

TEST(IdleOptions, StreamsNeedATarget) {
  EXPECT_FALSE(parse({"--state", "a", "--streams", "3"}).has_value());
  EXPECT_TRUE(parse({"--state", "a", "--streams", "3", "--target", "127.0.0.1:80"}).has_value());
}

TEST(IdleOptions, FetchingNeedsATargetAndHasAPause) {
  EXPECT_FALSE(parse({"--state", "a", "--fetch", "/tiny"}).has_value());
  const auto options = parse({"--state", "a", "--fetch", "/tiny", "--target", "127.0.0.1:80",
                              "--fetch-pause", "250", "--carrier", "http2"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->fetched_path, "/tiny");
  EXPECT_EQ(options->fetch_pause, std::chrono::milliseconds(250));
  EXPECT_EQ(options->kind, sdk::carrier_kind::http2);
  EXPECT_FALSE(parse({"--state", "a", "--carrier", "http3"}).has_value());
}

TEST(IdleOptions, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parse({}).has_value());
  EXPECT_FALSE(parse({"--state"}).has_value());
  EXPECT_FALSE(parse({"--state", "a", "--count", "0"}).has_value());
  EXPECT_FALSE(parse({"--state", "a", "--count", "many"}).has_value());
  EXPECT_FALSE(parse({"--state", "a", "--rate", "0"}).has_value());
  EXPECT_FALSE(parse({"--state", "a", "--connect-to", "nowhere"}).has_value());
  EXPECT_FALSE(parse({"--state", "a", "--colour", "1"}).has_value());
}

}
}
