#include "httvps/gateway/auth/validation_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

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
