#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "httvps/gateway/usage/usage_spool.hpp"
#include "spool_folder.hpp"

namespace httvps::gateway::testing {
namespace {

constexpr auto first_epoch = "00000000000000fe";
constexpr base::byte_count room_for_one_batch = 100;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct UsageSpoolFailure : ::testing::Test {
  spool_folder folder;
  account_keeper keeper;

  static void fail_between_two_batches(usage_spool& spool) {
    const full_disk full(spool.bytes() + room_for_one_batch);
    const auto sealed = spool.seal({});
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error(), usage_errc::spool_disk_full);
  }
};

TEST_F(UsageSpoolFailure, RowsOfASealThatFailedHalfWayAreInTheNextOne) {
  const auto spool = folder.open({.batch_rows = 1});
  ASSERT_TRUE(spool->keep({row_of(1, 10, "token"), row_of(2, 20, "token")}));
  fail_between_two_batches(*spool);
  EXPECT_EQ(spool->open_rows(), 2U);
  EXPECT_EQ(spool->next().value(), std::nullopt);
  ASSERT_TRUE(spool->seal({}));
  drain(*spool, keeper);
  const accounts wanted = {{{first_epoch, 1}, {.up = 10, .down = 20}},
                           {{first_epoch, 2}, {.up = 20, .down = 40}}};
  EXPECT_EQ(keeper.totals(), wanted);
  EXPECT_EQ(keeper.acked_through(first_epoch), 2U);
}

TEST_F(UsageSpoolFailure, SealThatFailedHalfWayLeavesTheFileAsItWas) {
  const auto spool = folder.open({.batch_rows = 1});
  ASSERT_TRUE(spool->keep({row_of(1, 10, "token"), row_of(2, 20, "token")}));
  const auto file = folder.files().at(0);
  const auto before = content_of(file);
  fail_between_two_batches(*spool);
  EXPECT_EQ(content_of(file), before);
  EXPECT_EQ(spool->bytes(), before.size());
}

TEST_F(UsageSpoolFailure, FilesThatOutliveTheirCompactionAddNoBatches) {
  auto spool = folder.open({.keep_for = std::chrono::hours(1)});
  for (base::byte_count step = 1; step <= 5; ++step) {
    ASSERT_TRUE(spool->seal({row_of(1, step)}));
  }
  const auto old = folder.files().at(0);
  const auto copy = folder.path() + "/copy";
  std::filesystem::copy_file(old, copy);
  folder.clock.advance(std::chrono::hours(2));
  ASSERT_TRUE(spool->keep({row_of(1, 6)}));
  ASSERT_EQ(folder.meter.compactions.value(), 1U);
  ASSERT_FALSE(std::filesystem::exists(old));
  spool.reset();
  std::filesystem::rename(copy, old);
  spool = folder.open();
  std::vector<base::byte_count> reported;
  while (const auto batch = spool->next().value()) {
    reported.push_back(batch->rows.at(0).up);
    spool->acknowledge(batch->epoch, batch->sequence);
  }
  EXPECT_EQ(reported, (std::vector<base::byte_count>{1, 5, 6}));
}

}
}
