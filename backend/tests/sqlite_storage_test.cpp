#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_support::find_setting;
using test_support::save_setting;

class SqliteFile : public ::testing::Test {
 protected:
  test_support::stored_database home{test_servers::test_engine::sqlite};
};

TEST_F(SqliteFile, SaysFullWhenItIsFullAndWorksAgainForReading) {
  const auto store = home.open_migrated({.connections = 2, .most_bytes = 800'000});
  ASSERT_TRUE(save_setting(*store, "small", "v"));
  const std::string large(50'000, 'x');
  base::result<> outcome;
  for (int i = 0; i < 40 && outcome; ++i) {
    outcome = save_setting(*store, "large" + std::to_string(i), large);
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), services::errc::storage_full);
  EXPECT_EQ(find_setting(*store, "small"), "v");
  EXPECT_TRUE(store->write([](services::repositories&) { return base::result<>{}; }));
}

TEST_F(SqliteFile, SaysBusyWhenAnotherProcessHoldsTheLock) {
  const auto store =
      home.open_migrated({.connections = 1, .patience = std::chrono::milliseconds(20)});
  soci::session holder(soci::sqlite3, home.path());
  holder << "BEGIN IMMEDIATE";
  EXPECT_EQ(save_setting(*store, "k", "v").error(), services::errc::storage_busy);
  holder << "ROLLBACK";
  EXPECT_TRUE(save_setting(*store, "k", "v"));
}

TEST_F(SqliteFile, UsesTheJournalThatSurvivesAPowerCut) {
  const auto store = home.open_migrated();
  soci::session session(soci::sqlite3, home.path());
  std::string mode;
  session << "PRAGMA journal_mode", soci::into(mode);
  EXPECT_EQ(mode, "wal");
}

TEST(SqliteStore, CannotOpenAFolder) {
  const auto folder = database_address::parse("sqlite:///");
  ASSERT_TRUE(folder);
  EXPECT_EQ(sql_store::open({.address = *folder}).error(), errc::cannot_open);
}

}
}
