#include "httvps/node/keys/key_counters.hpp"

#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

constexpr const char* epoch = "00112233445566ff";

server_metrics reading(traffic_by_key traffic) {
  return {.traffic = std::move(traffic), .loaded_keys = 1};
}

key_traffic flow(base::byte_count up, base::byte_count down) {
  return {.up = up, .down = down, .wire_up = up + 50, .wire_down = down + 50};
}

TEST(KeyCounters, FollowAServerThatKeepsRunning) {
  key_counters counters(epoch);
  EXPECT_EQ(counters.take(reading({{"a", flow(10, 20)}}), "1"), server_life::same);
  EXPECT_EQ(counters.take(reading({{"a", flow(15, 20)}, {"b", flow(1, 1)}}), "1"),
            server_life::same);
  EXPECT_EQ(counters.totals().at("a"), flow(15, 20));
  EXPECT_EQ(counters.total().up, 16U);
}

TEST(KeyCounters, GoOnWhenAnotherProcessCountsFromZero) {
  key_counters counters(epoch);
  counters.take(reading({{"a", flow(10, 20)}}), "1");
  EXPECT_EQ(counters.take(reading({{"a", flow(12, 20)}}), "2"), server_life::started_again);
  EXPECT_EQ(counters.totals().at("a").up, 22U);
  EXPECT_EQ(counters.totals().at("a").down, 40U);
  EXPECT_EQ(counters.take(reading({{"a", flow(13, 20)}}), "2"), server_life::same);
  EXPECT_EQ(counters.totals().at("a").up, 23U);
}

TEST(KeyCounters, SeeARestartInACounterThatFellOrVanished) {
  key_counters counters(epoch);
  counters.take(reading({{"a", flow(10, 20)}, {"b", flow(5, 5)}}), "");
  EXPECT_EQ(counters.take(reading({{"a", flow(10, 19)}, {"b", flow(5, 5)}}), ""),
            server_life::started_again);
  EXPECT_EQ(counters.take(reading({{"a", flow(10, 19)}}), ""), server_life::started_again);
  EXPECT_EQ(counters.totals().at("a").up, 30U);
  EXPECT_EQ(counters.totals().at("b").up, 10U);
}

TEST(KeyCounters, OutliveTheAgentAndTheServerTogether) {
  key_counters counters(epoch);
  counters.take(reading({{"a", flow(10, 20)}}), "1");
  auto kept = key_counters::from_text(counters.to_text());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->epoch(), epoch);
  EXPECT_EQ(kept->totals(), counters.totals());
  EXPECT_EQ(kept->take(reading({{"a", flow(11, 21)}}), "1"), server_life::same);
  EXPECT_EQ(kept->totals().at("a").up, 11U);
  EXPECT_EQ(kept->take(reading({{"a", flow(100, 100)}}), "7"), server_life::started_again);
  EXPECT_EQ(kept->totals().at("a").up, 111U);
}

TEST(KeyCounters, ForgetOnlyKeysThatNobodyCountsOrWantsAnyMore) {
  key_counters counters(epoch);
  counters.take(reading({{"old", flow(1, 1)}, {"wanted", flow(2, 2)}, {"live", flow(3, 3)}}), "1");
  counters.take(reading({{"live", flow(4, 4)}}), "2");
  wanted_keys wanted;
  wanted.keys.push_back({.id = "wanted", .secret = {}});
  counters.forget_retired(wanted);
  const auto totals = counters.totals();
  EXPECT_FALSE(totals.contains("old"));
  EXPECT_EQ(totals.at("wanted").up, 2U);
  EXPECT_EQ(totals.at("live").up, 7U);
}

TEST(KeyCounters, NeverFallWhateverTheServerDoes) {
  base::seeded_random random(77);
  key_counters counters(epoch);
  traffic_by_key server;
  traffic_by_key before;
  key_traffic truth;
  std::uint64_t process = 1;
  for (int round = 0; round < 2000; ++round) {
    if (random.below(10) == 0) {
      server.clear();
      ++process;
    }
    const auto up = random.below(1000);
    auto& key = server["k" + std::to_string(random.below(5))];
    key = sum(key, flow(up, 1));
    truth = sum(truth, flow(up, 1));
    counters.take(reading(server), std::to_string(process));
    const auto totals = counters.totals();
    for (const auto& [id, traffic] : before) {
      ASSERT_FALSE(is_any_less(totals.at(id), traffic)) << round;
    }
    before = totals;
    if (random.below(20) == 0) {
      counters = key_counters::from_text(counters.to_text()).value();
    }
  }
  EXPECT_EQ(counters.total(), truth);
}

TEST(KeyCounters, RefuseADamagedFile) {
  const auto text = key_counters(epoch).to_text();
  EXPECT_TRUE(key_counters::from_text(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(key_counters::from_text(text.substr(0, size)).error(), keys_errc::counters_damaged);
  }
  for (const auto* other :
       {"[]", "{}", R"({"epoch":"short","process":"","carried":{},"current":{}})",
        R"({"epoch":"00112233445566ff","process":1,"carried":{},"current":{}})",
        R"({"epoch":"00112233445566ff","process":"","carried":{"a":[1,2,3]},"current":{}})",
        R"({"epoch":"00112233445566ff","process":"","carried":{"a":[1,2,3,-4]},"current":{}})",
        R"({"epoch":"00112233445566ff","process":"","carried":[],"current":{}})"}) {
    EXPECT_EQ(key_counters::from_text(other).error(), keys_errc::counters_damaged) << other;
  }
}

}
}
