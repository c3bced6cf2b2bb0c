#include "gate/settings.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace httvps::chaos {
namespace {

base::result<settings> parse(std::string_view text) {
  return changed({}, boost::json::parse(text).get_object());
}

TEST(Settings, ReadsEachName) {
  const auto all = parse(R"({"up_delay_ms":0.5,"down_delay_ms":75,"up_jitter_ms":1,
    "down_jitter_ms":2,"up_rate":40000000,"down_rate":1e9,"queue_ms":20,"queue_bytes":1000,
    "cut_every_ms":2000,"cut_jitter_ms":100,"cut_how":"fin","cut_after_up":1,"cut_after_down":2,
    "freeze_after_up":3,"freeze_after_down":16384,"cap":3,"hold":true,
    "down_stopped":true,
    "connect_round_trip":false})");
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->up.delay, std::chrono::microseconds(500));
  EXPECT_EQ(all->down.delay, std::chrono::milliseconds(75));
  EXPECT_EQ(all->up.jitter, std::chrono::milliseconds(1));
  EXPECT_EQ(all->down.jitter, std::chrono::milliseconds(2));
  EXPECT_EQ(all->up.bits_per_second, 40'000'000U);
  EXPECT_EQ(all->down.bits_per_second, 1'000'000'000U);
  EXPECT_EQ(all->up.queue, std::chrono::milliseconds(20));
  EXPECT_EQ(all->down.queue, std::chrono::milliseconds(20));
  EXPECT_EQ(all->queue_bytes, 1000U);
  EXPECT_EQ(all->cut_every, std::chrono::seconds(2));
  EXPECT_EQ(all->cut_jitter, std::chrono::milliseconds(100));
  EXPECT_EQ(all->manner, cut_manner::fin);
  EXPECT_EQ(all->up_limits.cut_after, 1U);
  EXPECT_EQ(all->down_limits.cut_after, 2U);
  EXPECT_EQ(all->up_limits.freeze_after, 3U);
  EXPECT_EQ(all->down_limits.freeze_after, 16384U);
  EXPECT_EQ(all->cap, 3U);
  EXPECT_EQ(all->arrivals, newcomers::held);
  EXPECT_EQ(all->up.now, passage::open);
  EXPECT_EQ(all->down.now, passage::stopped);
  EXPECT_EQ(all->handshake, handshake_cost::none);
}

TEST(Settings, KeepsWhatIsNotNamed) {
  settings before;
  before.cap = 3;
  const auto after = changed(before, {{"up_delay_ms", 5}});
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->cap, 3U);
}

TEST(Settings, RefusesUnknownNamesAndValuesOutOfRange) {
  const auto unknown = parse(R"({"colour":1})");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error(), base::errc::unknown_setting);
  for (const auto* text : {R"({"cap":-1})", R"({"cap":"three"})", R"({"hold":1})",
                           R"({"up_stopped":2})", R"({"cut_how":"tear"})", R"({"up_delay_ms":1e9})",
                           R"({"connect_round_trip":0})", R"({"up_rate":1e300})"}) {
    const auto refused = parse(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error(), base::errc::invalid_setting) << text;
  }
}

}
}
