#include "httvps/gateway/usage/usage_spool.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "usage_spool_fixture.hpp"

namespace httvps::gateway::testing {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 07777U;
}

TEST_F(UsageSpool, NothingWaitsInAFreshOne) {
  const auto spool = folder.open();
  EXPECT_EQ(spool->next().value(), std::nullopt);
  EXPECT_EQ(spool->bytes(), 0U);
  EXPECT_EQ(spool->oldest_age().count(), 0);
}

TEST_F(UsageSpool, RowsThatWereKeptAreReportedByTheNextBoot) {
  ASSERT_TRUE(folder.open()->keep({row_of(1, 10, "token")}));
  const auto spool = folder.open();
  const auto batch = spool->next().value();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->epoch, first_epoch);
  EXPECT_EQ(batch->sequence, 1U);
  EXPECT_EQ(batch->rows, std::vector{row_of(1, 10, "token")});
}

TEST_F(UsageSpool, LastRowOfASessionIsReportedAlsoWhenItsBytesWere) {
  const auto ending = [](base::byte_count up) {
    auto row = row_of(1, up);
    row.final = true;
    return row;
  };
  auto spool = folder.open();
  ASSERT_TRUE(spool->seal({row_of(1, 10, "token")}));
  ASSERT_TRUE(spool->keep({ending(10)}));
  spool.reset();
  spool = folder.open();
  spool->acknowledge(first_epoch, 1);
  const auto last = spool->next().value();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->sequence, 2U);
  EXPECT_EQ(last->rows, std::vector{ending(10)});
}

TEST_F(UsageSpool, LaterRowKeepsThatAnEarlierOneWasTheLast) {
  auto ending = row_of(1, 10, "token");
  ending.final = true;
  const auto spool = folder.open();
  ASSERT_TRUE(spool->keep({ending}));
  ASSERT_TRUE(spool->seal({row_of(1, 9)}));
  EXPECT_EQ(spool->next().value()->rows, std::vector{ending});
}

TEST_F(UsageSpool, BatchIsTheSameEachTimeAndAfterARestart) {
  auto spool = folder.open();
  ASSERT_TRUE(spool->keep({row_of(1, 10, "token"), row_of(2, 7)}));
  ASSERT_TRUE(spool->seal({row_of(1, 12)}));
  const auto before = spool->next().value().value();
  EXPECT_EQ(before.rows, (std::vector{row_of(1, 12, "token"), row_of(2, 7)}));
  ASSERT_TRUE(spool->keep({row_of(1, 90)}));
  EXPECT_EQ(spool->next().value()->rows, before.rows);
  spool.reset();
  spool = folder.open();
  const auto after = spool->next().value().value();
  EXPECT_EQ(after.epoch, before.epoch);
  EXPECT_EQ(after.sequence, before.sequence);
  EXPECT_EQ(after.rows, before.rows);
}

TEST_F(UsageSpool, AcknowledgedBatchesDoNotComeBack) {
  auto spool = folder.open();
  ASSERT_TRUE(spool->seal({row_of(1, 10)}));
  ASSERT_TRUE(spool->seal({row_of(1, 20)}));
  spool->acknowledge(first_epoch, 1);
  EXPECT_EQ(spool->next().value()->sequence, 2U);
  spool.reset();
  spool = folder.open();
  EXPECT_EQ(spool->next().value()->sequence, 2U);
  spool->acknowledge(first_epoch, 2);
  EXPECT_EQ(spool->next().value(), std::nullopt);
  spool.reset();
  EXPECT_EQ(folder.open()->next().value(), std::nullopt);
  EXPECT_TRUE(folder.files().empty());
}

TEST_F(UsageSpool, OldEpochsAreReplayedFirstInTheOrderOfTheirBoots) {
  for (std::uint64_t boot = 1; boot <= 3; ++boot) {
    ASSERT_TRUE(folder.open()->keep({row_of(boot, boot)}));
  }
  const auto spool = folder.open();
  ASSERT_TRUE(spool->seal({row_of(4, 4)}));
  std::vector<std::uint64_t> order;
  while (const auto batch = spool->next().value()) {
    order.push_back(batch->rows.at(0).session);
    spool->acknowledge(batch->epoch, batch->sequence);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST_F(UsageSpool, TailThatWasCutAnywhereCostsOnlyWhatWasInIt) {
  ASSERT_TRUE(folder.open()->seal({row_of(1, 10)}));
  const auto file = folder.files().at(0);
  const auto kept = std::filesystem::file_size(file);
  std::filesystem::copy_file(file, folder.path() + "/copy");
  auto spool = folder.open();
  spool.reset();
  std::filesystem::copy_file(folder.path() + "/copy", file,
                             std::filesystem::copy_options::overwrite_existing);
  for (std::uintmax_t size = kept; size > 0; --size) {
    std::filesystem::resize_file(file, size);
    const auto cuts = folder.meter.records_cut.value();
    const auto again = folder.open();
    const auto batch = again->next().value();
    EXPECT_TRUE(!batch || batch->rows == std::vector{row_of(1, 10)}) << size;
    EXPECT_LE(folder.meter.records_cut.value(), cuts + 1);
    if (size == kept) {
      ASSERT_TRUE(batch);
    }
    if (size + 1 == kept) {
      ASSERT_TRUE(batch) << "the kept rows are before the batch";
      EXPECT_EQ(folder.meter.records_cut.value(), cuts + 1);
    }
    for (const auto& each : folder.files()) {
      if (each != file) {
        std::filesystem::remove(each);
      }
    }
    if (!std::filesystem::exists(file)) {
      std::filesystem::copy_file(folder.path() + "/copy", file);
    }
  }
}

TEST_F(UsageSpool, GarbageAfterTheLastRecordIsCutAndCounted) {
  ASSERT_TRUE(folder.open()->keep({row_of(1, 10)}));
  {
    std::ofstream file(folder.files().at(0), std::ios::app | std::ios::binary);
    file << "garbage that is no record";
  }
  const auto spool = folder.open();
  EXPECT_EQ(folder.meter.records_cut.value(), 1U);
  drain(*spool, keeper);
  EXPECT_EQ(counted(1), 10U);
}

TEST_F(UsageSpool, FolderAndFilesAreForTheOwnerOnly) {
  const auto spool = folder.open();
  ASSERT_TRUE(spool->keep({row_of(1, 10, "a secret token")}));
  EXPECT_EQ(mode_of(folder.path()), 0700U);
  EXPECT_EQ(mode_of(folder.files().at(0)), 0600U);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
  }
}

TEST_F(UsageSpool, EpochOfARunningGatewayIsLeftToItUntilItEnds) {
  auto running = folder.open();
  ASSERT_TRUE(running->keep({row_of(1, 10, "token")}));
  const auto successor = folder.open();
  ASSERT_TRUE(successor->seal({}));
  EXPECT_EQ(successor->next().value(), std::nullopt);
  ASSERT_TRUE(running->keep({row_of(1, 20)}));
  running.reset();
  ASSERT_TRUE(successor->seal({}));
  const auto batch = successor->next().value();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->epoch, first_epoch);
  EXPECT_EQ(batch->rows, std::vector{row_of(1, 20, "token")});
}

TEST_F(UsageSpool, PredecessorTakesNothingOfItsSuccessor) {
  const auto running = folder.open();
  auto successor = folder.open();
  ASSERT_TRUE(successor->keep({row_of(1, 10, "token")}));
  successor.reset();
  ASSERT_TRUE(running->seal({}));
  EXPECT_EQ(running->next().value(), std::nullopt);
  const auto next = folder.open();
  EXPECT_TRUE(next->next().value());
}

TEST_F(UsageSpool, NothingStaysInTheFolderOnceAllIsSettled) {
  auto spool = folder.open();
  ASSERT_TRUE(spool->seal({row_of(1, 10, "token")}));
  drain(*spool, keeper);
  spool.reset();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(UsageSpool, DigestThatDiffersPutsTheRowsIntoTheNextNumber) {
  const auto spool = folder.open();
  static_cast<void>(keeper.take({.epoch = first_epoch, .sequence = 1, .rows = {row_of(9, 9)}}));
  ASSERT_TRUE(spool->seal({row_of(1, 10, "token")}));
  drain(*spool, keeper);
  EXPECT_EQ(counted(1), 10U);
  EXPECT_EQ(keeper.acked_through(first_epoch), 2U);
}

}
}
