#include <gtest/gtest.h>

#include "usage_spool_fixture.hpp"

namespace httvps::gateway::testing {
namespace {

TEST_F(UsageSpool, FilesGoOnceTheirBatchesAreAcknowledged) {
  const auto spool = folder.open({.segment = 4096});
  for (base::byte_count step = 1; step <= 200; ++step) {
    ASSERT_TRUE(spool->keep({row_of(1, step, std::string(400, 't'))}));
    ASSERT_TRUE(spool->seal({}));
  }
  EXPECT_GT(folder.files().size(), 20U);
  const auto full = spool->bytes();
  drain(*spool, keeper);
  EXPECT_LE(folder.files().size(), 2U);
  EXPECT_LT(spool->bytes(), full / 10);
  EXPECT_EQ(counted(1), 200U);
}

TEST_F(UsageSpool, RowsThatAreNotSealedKeepTheirFile) {
  auto spool = folder.open({.segment = 4096});
  ASSERT_TRUE(spool->keep({row_of(99, 5, "token")}));
  for (base::byte_count step = 1; step <= 40; ++step) {
    ASSERT_TRUE(spool->keep({row_of(1, step, std::string(400, 't'))}));
  }
  spool.reset();
  drain(*folder.open(), keeper);
  EXPECT_EQ(counted(99), 5U);
  EXPECT_EQ(counted(1), 40U);
}

TEST_F(UsageSpool, BatchHoldsNoMoreRowsAndBytesThanTheBackendTakes) {
  const auto spool = folder.open({.batch_rows = 100});
  std::vector<usage_row> rows;
  for (std::uint64_t session = 1; session <= 250; ++session) {
    rows.push_back(row_of(session, session, std::string(16'000, 't')));
  }
  ASSERT_TRUE(spool->seal(rows));
  std::size_t seen = 0;
  while (const auto batch = spool->next().value()) {
    EXPECT_LE(batch->rows.size(), 100U);
    EXPECT_LE(encode_usage(*batch).size(), base::mebibyte);
    seen += batch->rows.size();
    spool->acknowledge(batch->epoch, batch->sequence);
  }
  EXPECT_EQ(seen, 250U);
}

TEST_F(UsageSpool, OverItsCapItKeepsTheLatestRowOfEachSession) {
  const auto spool = folder.open({.most = 64 * base::kibibyte, .segment = 4096});
  for (base::byte_count step = 1; step <= 1000; ++step) {
    ASSERT_TRUE(spool->seal({row_of(step % 10 + 1, step, "token")})) << step;
    EXPECT_LE(spool->bytes(), 70 * base::kibibyte);
  }
  EXPECT_GE(folder.meter.compactions.value(), 1U);
  EXPECT_EQ(spool->next().value()->rows, std::vector{row_of(2, 1, "token")});
  drain(*spool, keeper);
  for (std::uint64_t session = 1; session <= 10; ++session) {
    EXPECT_EQ(counted(session), session == 1 ? 1000U : 989U + session) << session;
  }
}

TEST_F(UsageSpool, CompactedFileIsReadByTheNextBoot) {
  auto spool = folder.open({.most = 64 * base::kibibyte, .segment = 4096});
  for (base::byte_count step = 1; folder.meter.compactions.value() == 0; ++step) {
    ASSERT_TRUE(spool->seal({row_of(step % 10 + 1, step, "token")}));
    ASSERT_LT(step, 2000U);
  }
  ASSERT_TRUE(spool->keep({row_of(50, 50)}));
  spool.reset();
  drain(*folder.open(), keeper);
  EXPECT_EQ(counted(50), 50U);
  EXPECT_EQ(folder.meter.records_cut.value(), 0U);
}

TEST_F(UsageSpool, CapThatCompactionCannotKeepIsNamed) {
  const auto spool = folder.open({.most = 64 * base::kibibyte, .segment = 4096});
  base::result<> outcome;
  std::uint64_t session = 0;
  while (outcome && session < 1'000) {
    outcome = spool->seal({row_of(++session, 1, std::string(200, 't'))});
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), usage_errc::spool_cap_reached);
  drain(*spool, keeper);
  EXPECT_TRUE(spool->seal({row_of(session, 1, "token")}));
}

TEST_F(UsageSpool, OldBatchesAreCutDownAfterTheirTime) {
  const auto spool = folder.open({.keep_for = std::chrono::hours(1)});
  for (base::byte_count step = 1; step <= 5; ++step) {
    ASSERT_TRUE(spool->seal({row_of(1, step)}));
  }
  EXPECT_EQ(spool->oldest_age(), std::chrono::seconds(0));
  folder.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(spool->oldest_age(), std::chrono::hours(2));
  ASSERT_TRUE(spool->keep({row_of(1, 6)}));
  drain(*spool, keeper);
  EXPECT_EQ(keeper.batches(), 2U);
  EXPECT_EQ(counted(1), 5U);
}

TEST_F(UsageSpool, FullDiskIsNamedAndDoublesNothing) {
  auto spool = folder.open();
  ASSERT_TRUE(spool->keep({row_of(1, 10, "token")}));
  {
    const full_disk full;
    const auto kept = spool->keep({row_of(1, 20)});
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error(), usage_errc::spool_disk_full);
    EXPECT_FALSE(spool->seal({row_of(1, 30)}));
    EXPECT_EQ(spool->next().value(), std::nullopt);
  }
  EXPECT_GE(folder.meter.write_failures.value(), 2U);
  ASSERT_TRUE(spool->seal({row_of(1, 40)}));
  drain(*spool, keeper);
  EXPECT_EQ(counted(1), 40U);
  EXPECT_EQ(keeper.batches(), 1U);
}

TEST_F(UsageSpool, FullDiskStillLetsABatchGoFromMemory) {
  auto spool = folder.open();
  ASSERT_TRUE(spool->keep({row_of(1, 10, "token")}));
  std::vector<usage_row> released;
  {
    const full_disk full;
    spool->seal_in_memory({row_of(1, 20), row_of(2, 5, "other")});
    const auto batch = spool->next().value().value();
    EXPECT_EQ(batch.sequence, 1U);
    EXPECT_EQ(batch.rows, (std::vector{row_of(1, 20, "token"), row_of(2, 5, "other")}));
    static_cast<void>(keeper.take(batch));
    released = spool->acknowledge(batch.epoch, batch.sequence);
    EXPECT_EQ(released, batch.rows);
    EXPECT_EQ(spool->next().value(), std::nullopt);
  }
  spool.reset();
  drain(*folder.open(), keeper);
  EXPECT_EQ(counted(1), 20U);
  EXPECT_EQ(counted(2), 5U);
}

}
}
