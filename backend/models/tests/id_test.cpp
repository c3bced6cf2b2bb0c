#include "httvps/backend/models/id.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace httvps::backend::models {
namespace {

const base::system_time start = base::from_unix_seconds(1'800'000'000);

TEST(Id, HasItsPrefixAndTwentySixDigits) {
  base::seeded_random random(1);
  const auto made = device_id::make(start, random);
  EXPECT_TRUE(made.text().starts_with("dev_"));
  EXPECT_EQ(made.text().size(), 30U);
  EXPECT_EQ(device_id::parse(made.text()), made);
}

TEST(Id, LaterIdsSortAfterEarlierOnes) {
  base::seeded_random random(2);
  const auto early = user_id::make(start, random);
  const auto late = user_id::make(start + std::chrono::milliseconds(1), random);
  EXPECT_LT(early, late);
}

TEST(Id, RefusesForeignPrefixesLengthsAndLetters) {
  base::seeded_random random(3);
  const auto text = node_id::make(start, random).text();
  EXPECT_FALSE(gateway_id::parse(text));
  EXPECT_FALSE(node_id::parse(text + "0"));
  EXPECT_FALSE(node_id::parse(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(node_id::parse("node_0000000000000000000000000u"));
  EXPECT_FALSE(node_id::parse("node_8zzzzzzzzzzzzzzzzzzzzzzzzz"));
  EXPECT_FALSE(node_id::parse(""));
}

RC_GTEST_PROP(Id, EveryMadeIdParses, (std::uint64_t seed)) {
  base::seeded_random random(seed);
  const auto made = ticket_id::make(start, random);
  RC_ASSERT((ticket_id::parse(made.text()) == made));
}

}
}
