#include "httvps/gateway/usage/usage_spool.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "spool_folder.hpp"

namespace httvps::gateway::testing {
namespace {

constexpr auto first_epoch = "00000000000000fe";

struct UsageSpool : ::testing::Test {
  spool_folder folder;
  account_keeper keeper;

  static mode_t mode_of(const std::string& path) {
    struct stat facts{};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 07777U;
  }

  base::byte_count counted(std::uint64_t session) const {
    const auto found = keeper.totals().find({first_epoch, session});
    return found == keeper.totals().end() ? 0 : found->second.up;
  }
};

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

TEST_F(UsageSpool, DigestThatDiffersPutsTheRowsIntoTheNextNumber) {
  const auto spool = folder.open();
  static_cast<void>(keeper.take({.epoch = first_epoch, .sequence = 1, .rows = {row_of(9, 9)}}));
  ASSERT_TRUE(spool->seal({row_of(1, 10, "token")}));
  drain(*spool, keeper);
  EXPECT_EQ(counted(1), 10U);
  EXPECT_EQ(keeper.acked_through(first_epoch), 2U);
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

struct random_life {
  spool_folder folder;
  account_keeper keeper;
  accounts truth;
  std::unique_ptr<usage_spool> spool = open();
  int boots = 0;

  std::unique_ptr<usage_spool> open() {
    return folder.open({.most = 32 * base::kibibyte, .segment = 4096, .batch_rows = 3});
  }

  std::string epoch() const { return fmt::format("{:016x}", 0xfeU - static_cast<unsigned>(boots)); }

  std::vector<usage_row> rows_for(std::uint16_t step) {
    std::vector<usage_row> rows;
    for (std::uint64_t session = 1; session <= 1U + step % 5U; ++session) {
      auto& counted = truth[{epoch(), session}];
      counted = {.up = counted.up + step, .down = 2 * (counted.up + step)};
      rows.push_back(row_of(session, counted.up, "token"));
    }
    return rows;
  }

  void deliver() {
    if (const auto batch = spool->next().value()) {
      static_cast<void>(keeper.take(*batch));
    }
  }

  void live(std::uint16_t step) {
    switch (step % 7U) {
      case 0:
      case 1:
        RC_ASSERT(spool->keep(rows_for(step)).has_value());
        break;
      case 2:
      case 3:
        RC_ASSERT(spool->seal(rows_for(step)).has_value());
        break;
      case 4:
        deliver();
        break;
      case 5:
        drain(*spool, keeper);
        break;
      default:
        spool.reset();
        spool = open();
        ++boots;
    }
  }
};

RC_GTEST_PROP(UsageSpoolLife, TotalsAreTheTruthWhateverHappens,
              (const std::vector<std::uint16_t>& steps)) {
  random_life life;
  for (const auto step : steps) {
    life.live(step);
  }
  life.spool.reset();
  life.spool = life.open();
  drain(*life.spool, life.keeper);
  RC_ASSERT(life.keeper.totals() == life.truth);
  RC_ASSERT(life.folder.meter.records_cut.value() == 0U);
}

}
}
