#include "httvps/gateway/sessions/usage_ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace httvps::gateway {
namespace {

TEST(UsageLedger, FirstReportIntroducesTheSessionByItsToken) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(10);
  const auto first = ledger.collect(100);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].token, "token");
  ledger.acknowledge(first);
  meter->add_down(5);
  const auto second = ledger.collect(100);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(second[0].token.empty());
  EXPECT_EQ(second[0].up, 10U);
  EXPECT_EQ(second[0].down, 5U);
}

TEST(UsageLedger, UnacknowledgedReportKeepsItsTokenAndCounters) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(10);
  const auto lost = ledger.collect(100);
  meter->add_up(1);
  const auto again = ledger.collect(100);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].token, "token");
  EXPECT_EQ(again[0].up, 11U);
  EXPECT_EQ(lost[0].up, 10U);
}

TEST(UsageLedger, ClosedSessionIsHeldUntilItsLastByteIsAcknowledged) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(10);
  ledger.close(1);
  EXPECT_EQ(ledger.size(), 1U);
  ledger.acknowledge(ledger.collect(100));
  EXPECT_EQ(ledger.size(), 0U);
  EXPECT_EQ(ledger.memory(), 0U);
}

TEST(UsageLedger, LastRowOfASessionSaysSoAlsoWhenItsBytesWereTaken) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(10);
  const auto before = ledger.collect(100);
  EXPECT_FALSE(before.at(0).final);
  ledger.acknowledge(before);
  EXPECT_TRUE(ledger.collect(100).empty());
  ledger.close(1);
  const auto last = ledger.collect(100);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0], (usage_row{1, "node_a", 10, 0, "", true}));
  ledger.acknowledge(before);
  EXPECT_EQ(ledger.collect(100), last);
  ledger.acknowledge(last);
  EXPECT_EQ(ledger.size(), 0U);
}

TEST(UsageLedger, ClosedSessionWithoutBytesLeavesNothing) {
  usage_ledger ledger;
  ledger.open(1, "node_a", "token");
  ledger.close(1);
  EXPECT_EQ(ledger.size(), 0U);
}

TEST(UsageLedger, BecomesFullAtItsMemoryLimit) {
  usage_ledger ledger(1000);
  for (std::uint64_t session = 0; session < 10; ++session) {
    ledger.open(session, "node_a", std::string(100, 't'))->add_up(1);
    ledger.close(session);
  }
  EXPECT_TRUE(ledger.is_full());
  ledger.acknowledge(ledger.collect(100));
  EXPECT_FALSE(ledger.is_full());
}

TEST(UsageLedger, CollectsNoMoreRowsThanAsked) {
  usage_ledger ledger;
  for (std::uint64_t session = 0; session < 10; ++session) {
    ledger.open(session, "node_a", "t")->add_up(1);
  }
  EXPECT_EQ(ledger.collect(3).size(), 3U);
}

TEST(UsageLedger, BusySessionsDoNotKeepLaterOnesFromTheReport) {
  usage_ledger ledger;
  std::map<std::uint64_t, std::shared_ptr<usage_meter>> meters;
  for (std::uint64_t session = 1; session <= 10; ++session) {
    meters[session] = ledger.open(session, "node_a", "t");
    meters[session]->add_up(1);
  }
  std::set<std::uint64_t> reported;
  for (int round = 0; round < 4; ++round) {
    const auto rows = ledger.collect(3);
    ledger.acknowledge(rows);
    for (const auto& row : rows) {
      reported.insert(row.session);
      meters[row.session]->add_up(1);
    }
  }
  EXPECT_EQ(reported.size(), 10U);
}

TEST(UsageLedger, SessionThatChangesItsNodeHasARowForEach) {
  usage_ledger ledger;
  ledger.open(1, "node_a", "token")->add_up(7);
  ledger.open(1, "node_b", "token")->add_down(9);
  ledger.open(2, "node_a", "other")->add_up(1);
  const auto rows = ledger.collect(100);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], (usage_row{1, "node_a", 7, 0, "token"}));
  EXPECT_EQ(rows[1], (usage_row{1, "node_b", 0, 9, "token"}));
  ledger.close(1);
  ledger.acknowledge(rows);
  EXPECT_EQ(ledger.size(), 3U);
  ledger.acknowledge(ledger.collect(100));
  EXPECT_EQ(ledger.size(), 1U);
}

TEST(UsageLedger, OpeningARowAgainGoesOnWithItsMeter) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(3);
  ledger.open(1, "node_a", "token")->add_up(4);
  EXPECT_EQ(meter->up, 7U);
  EXPECT_EQ(ledger.size(), 1U);
}

RC_GTEST_PROP(UsageLedger, AcknowledgedTotalsAreTheTruthWhateverIsLost,
              (const std::vector<std::uint8_t>& steps)) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "t");
  base::byte_count truth = 0;
  base::byte_count counted = 0;
  for (const auto step : steps) {
    meter->add_up(step);
    truth += step;
    if (step % 3 == 0) {
      const auto batch = ledger.collect(10);
      if (step % 2 == 0 && !batch.empty()) {
        counted = batch[0].up;
        ledger.acknowledge(batch);
      }
    }
  }
  ledger.close(1);
  const auto last = ledger.collect(10);
  if (!last.empty()) {
    counted = last[0].up;
    ledger.acknowledge(last);
  }
  RC_ASSERT(counted == truth);
  const bool told = last.empty() || last[0].final;
  RC_ASSERT(told);
  RC_ASSERT(ledger.size() == 0U);
}

}
}
