#include "httvps/gateway/auth/validation_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <thread>

namespace httvps::gateway {
namespace {

using std::chrono::seconds;

const base::system_time start = base::from_unix_seconds(1'800'000'000);

validated_device device(std::string id, seconds later = seconds(0)) {
  return {.device_id = std::move(id),
          .subscription_id = "sub_one",
          .policy = {.session_limit = 4, .up_bps = 100},
          .validated_at = start + later};
}

TEST(ValidationCache, RemembersTheLastValidationAndItsPolicy) {
  validation_cache cache(2);
  cache.record(device("dev_a"));
  cache.record(device("dev_a", seconds(5)));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find("dev_a", start), device("dev_a", seconds(5)));
  EXPECT_EQ(cache.find("dev_b", start), std::nullopt);
}

TEST(ValidationCache, ForgetsAfterSevenDays) {
  validation_cache cache(2);
  cache.record(device("dev_a"));
  EXPECT_TRUE(cache.was_validated("dev_a", start + validation_memory));
  EXPECT_FALSE(cache.was_validated("dev_a", start + validation_memory + seconds(1)));
}

TEST(ValidationCache, GivesUpTheDeviceValidatedLongestAgoWhenFull) {
  base::metric_registry registry;
  const validation_cache_metrics metrics{
      .entries = registry.add_gauge({.name = "entries", .help = "Entries."}),
      .evictions = registry.add_counter({.name = "evictions_total", .help = "Evictions."})};
  validation_cache cache(2, metrics);
  cache.record(device("dev_a"));
  cache.record(device("dev_b", seconds(1)));
  cache.record(device("dev_a", seconds(2)));
  cache.record(device("dev_c", seconds(3)));
  EXPECT_TRUE(cache.was_validated("dev_a", start));
  EXPECT_FALSE(cache.was_validated("dev_b", start));
  EXPECT_TRUE(cache.was_validated("dev_c", start));
  EXPECT_EQ(metrics.entries.value(), 2);
  EXPECT_EQ(metrics.evictions.value(), 1U);
}

TEST(ValidationCache, ForgetsADeviceThatWasRefused) {
  validation_cache cache(2);
  cache.record(device("dev_a"));
  cache.forget("dev_a");
  cache.forget("dev_unknown");
  EXPECT_FALSE(cache.was_validated("dev_a", start));
  EXPECT_EQ(cache.size(), 0U);
}

TEST(ValidationCache, SweepsWhatIsOlderThanItsMemory) {
  validation_cache cache(4);
  cache.record(device("dev_a"));
  cache.record(device("dev_b", seconds(10)));
  cache.forget_older_than_memory(start + validation_memory + seconds(1));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_TRUE(cache.was_validated("dev_b", start));
}

TEST(ValidationCache, OfNoSizeKeepsNothing) {
  validation_cache cache(0);
  cache.record(device("dev_a"));
  EXPECT_EQ(cache.size(), 0U);
}

TEST(ValidationCache, GivesItsEntriesBackToTheGaugeWhenItGoes) {
  base::metric_registry registry;
  const auto entries = registry.add_gauge({.name = "entries", .help = "Entries."});
  {
    validation_cache cache(4, {.entries = entries});
    cache.record(device("dev_a"));
    EXPECT_EQ(entries.value(), 1);
  }
  EXPECT_EQ(entries.value(), 0);
}

TEST(ValidationCache, ListsItsDevicesFromTheNewestToTheOldest) {
  validation_cache cache(4);
  cache.record(device("dev_a"));
  cache.record(device("dev_b"));
  cache.record(device("dev_a", seconds(1)));
  const auto listed = cache.newest_first();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(*listed.at(0), device("dev_a", seconds(1)));
  EXPECT_EQ(listed.at(1)->device_id, "dev_b");
}

TEST(ValidationCache, NumbersItsChangesAndNothingElse) {
  validation_cache cache(4);
  const auto empty = cache.revision();
  cache.forget("dev_unknown");
  EXPECT_EQ(cache.revision(), empty);
  cache.record(device("dev_a"));
  const auto one = cache.revision();
  EXPECT_NE(one, empty);
  EXPECT_TRUE(cache.was_validated("dev_a", start));
  EXPECT_EQ(cache.revision(), one);
  cache.forget("dev_a");
  EXPECT_NE(cache.revision(), one);
}

TEST(ValidationCache, WhatOneThreadRecordsEveryThreadKnows) {
  constexpr int threads = 8;
  constexpr int devices_each = 100;
  base::metric_registry registry;
  const auto entries = registry.add_gauge({.name = "entries", .help = "Entries."});
  validation_cache cache(std::size_t{threads} * devices_each + 1, {.entries = entries});
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&cache, thread] {
      for (int each = 0; each < devices_each; ++each) {
        const auto id = "dev_" + std::to_string(thread) + "_" + std::to_string(each);
        cache.record(device(id));
        cache.record(device("dev_shared", seconds(each)));
        cache.forget("dev_shared");
        cache.forget_older_than_memory(start);
        EXPECT_TRUE(cache.was_validated(id, start));
        EXPECT_GE(cache.newest_first().size(), 1U);
      }
    });
  }
  running.clear();
  for (int thread = 0; thread < threads; ++thread) {
    EXPECT_TRUE(cache.was_validated("dev_" + std::to_string(thread) + "_99", start));
  }
  EXPECT_EQ(cache.size(), std::size_t{threads} * devices_each);
  EXPECT_EQ(entries.value(), threads * devices_each);
}

TEST(ValidationCache, ThreadsTogetherStayWithinItsLimit) {
  static constexpr std::size_t limit = 64;
  base::metric_registry registry;
  const validation_cache_metrics metrics{
      .entries = registry.add_gauge({.name = "entries", .help = "Entries."}),
      .evictions = registry.add_counter({.name = "evictions_total", .help = "Evictions."})};
  validation_cache cache(limit, metrics);
  std::vector<std::jthread> running;
  for (int thread = 0; thread < 4; ++thread) {
    running.emplace_back([&cache, thread] {
      for (int each = 0; each < 1000; ++each) {
        cache.record(device("dev_" + std::to_string(thread) + "_" + std::to_string(each)));
        EXPECT_LE(cache.size(), limit);
      }
    });
  }
  running.clear();
  EXPECT_EQ(cache.size(), limit);
  EXPECT_EQ(metrics.entries.value(), static_cast<std::int64_t>(limit));
  EXPECT_EQ(metrics.evictions.value(), 4000U - limit);
}

RC_GTEST_PROP(ValidationCache, KeepsTheLatestDevicesUpToItsLimit, ()) {
  validation_cache cache(5);
  std::vector<std::string> latest;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
  for (const int step : steps) {
    const auto id = "dev_" + std::to_string(step);
    std::erase(latest, id);
    latest.insert(latest.begin(), id);
    latest.resize(std::min<std::size_t>(latest.size(), 5));
    cache.record(device(id));
  }
  RC_ASSERT(cache.size() == latest.size());
  RC_ASSERT(std::ranges::all_of(
      latest, [&](const std::string& id) { return cache.was_validated(id, start); }));
}

}
}
