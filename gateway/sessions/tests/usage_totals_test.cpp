#include <gtest/gtest.h>

#include "httvps/gateway/sessions/usage_ledger.hpp"

namespace httvps::gateway {
namespace {

TEST(UsageTotals, BothDirectionsAddUpOverTheLifeOfTheSession) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  for (int round = 0; round < 3; ++round) {
    meter->add_up(10);
    meter->add_down(100);
  }
  const auto rows = ledger.collect(100);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].up, 30U);
  EXPECT_EQ(rows[0].down, 300U);
}

TEST(UsageTotals, LateAcknowledgementOfAnOlderReportTakesNothingBack) {
  usage_ledger ledger;
  const auto meter = ledger.open(1, "node_a", "token");
  meter->add_up(10);
  const auto older = ledger.collect(100);
  meter->add_up(5);
  ledger.acknowledge(ledger.collect(100));
  ledger.acknowledge(older);
  EXPECT_TRUE(ledger.collect(100).empty());
}

}
}
