#include "httvps/sdk/freeze_memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

const base::system_time noon = base::from_unix_seconds(1'800'000'000);
const std::string home = "gw_1/192.168.1";

TEST(FreezeMemory, OneFreezeIsChanceAndTwoAlikeMakeABudget) {
  freeze_memory memory;
  memory.note_freeze(home, 16'500, noon);
  EXPECT_EQ(memory.budget(home, noon), 0U);
  memory.note_freeze(home, 16'000, noon);
  EXPECT_EQ(memory.budget(home, noon), 14'400U);
  EXPECT_EQ(memory.budget("gw_1/10.0.0", noon), 0U);
}

TEST(FreezeMemory, FreezesFarApartMakeNoBudget) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 90'000, noon);
  EXPECT_EQ(memory.budget(home, noon), 0U);
}

TEST(FreezeMemory, BudgetComesFromTheFreezesThatAreAlikeOnly) {
  freeze_memory memory;
  memory.note_freeze(home, 4'500, noon);
  memory.note_freeze(home, 90'000, noon);
  memory.note_freeze(home, 85'000, noon);
  EXPECT_EQ(memory.budget(home, noon), 76'500U);
}

TEST(FreezeMemory, BudgetThatIsBelievedOnlyFalls) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 90'000, noon);
  memory.note_freeze(home, 85'000, noon);
  EXPECT_EQ(memory.budget(home, noon), 14'400U);
}

TEST(FreezeMemory, NothingIsLeftOfAnExpiredMemory) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 16'000, noon);
  const auto next_day = noon + budget_lifetime;
  memory.note_freeze(home, 90'000, next_day);
  EXPECT_EQ(memory.budget(home, next_day), 0U);
  memory.note_freeze(home, 90'000, next_day);
  EXPECT_EQ(memory.budget(home, next_day), 81'000U);
}

TEST(FreezeMemory, SingleFreezesOfAnotherDayAreForgotten) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 90'000, noon + 20h);
  memory.note_freeze(home, 16'000, noon + 25h);
  EXPECT_EQ(memory.budget(home, noon + 25h), 0U);
}

TEST(FreezeMemory, SizesThatNoFilterCountsAreIgnored) {
  freeze_memory memory;
  for (int i = 0; i < 4; ++i) {
    memory.note_freeze(home, budget_least - 1, noon);
    memory.note_freeze(home, frozen_bytes_most + 1, noon);
  }
  EXPECT_EQ(memory.budget(home, noon), 0U);
  EXPECT_EQ(memory.size(), 0U);
}

TEST(FreezeMemory, BudgetIsBelievedForADay) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 16'000, noon);
  EXPECT_GT(memory.budget(home, noon + budget_lifetime - 1s), 0U);
  EXPECT_EQ(memory.budget(home, noon + budget_lifetime), 0U);
}

TEST(FreezeMemory, TextKeepsBudgetsAndTheirAge) {
  freeze_memory memory;
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze(home, 16'000, noon);
  memory.note_freeze("gw_2/10.1.1", 50'000, noon);
  const auto read = freeze_memory::from_text(memory.to_text(noon), noon + 1h);
  EXPECT_EQ(read.size(), 1U);
  EXPECT_EQ(read.budget(home, noon + 1h), 14'400U);
  EXPECT_EQ(read.budget(home, noon + budget_lifetime), 0U);
  const auto stale = freeze_memory::from_text(memory.to_text(noon), noon + budget_lifetime);
  EXPECT_EQ(stale.size(), 0U);
}

TEST(FreezeMemory, NetworksAreBoundedAndTheOldestGoes) {
  freeze_memory memory;
  for (std::size_t i = 0; i < 2 * remembered_networks_most; ++i) {
    const auto moment = noon + std::chrono::seconds(i);
    memory.note_freeze("gw_1/10.0." + std::to_string(i), 16'000, moment);
    memory.note_freeze("gw_1/10.0." + std::to_string(i), 16'000, moment);
  }
  EXPECT_EQ(memory.size(), remembered_networks_most);
  EXPECT_EQ(memory.budget("gw_1/10.0.0", noon + 100s), 0U);
  EXPECT_GT(memory.budget("gw_1/10.0.63", noon + 100s), 0U);
}

TEST(FreezeMemory, ImplausibleLinesAreIgnored) {
  const auto read = freeze_memory::from_text(
      "gw_1/a 14400 1800000000\n"
      "gw_1/b 12 1800000000\n"
      "gw_1/c 99999999 1800000000\n"
      "gw_1/d 14400 1900000000\n"
      "gw_1/e 14400 1800000000\n",
      noon);
  EXPECT_EQ(read.size(), 2U);
  EXPECT_EQ(read.budget("gw_1/a", noon), 14'400U);
  EXPECT_EQ(read.budget("gw_1/e", noon), 14'400U);
}

RC_GTEST_PROP(FreezeMemory, AnyTextIsReadWithinItsBounds, (const std::string& text)) {
  const auto read = freeze_memory::from_text(text, noon);
  RC_ASSERT(read.size() <= remembered_networks_most);
}

}
}
