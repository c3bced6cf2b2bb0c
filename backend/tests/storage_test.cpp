#include <fmt/format.h>
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/backend/storage/sqlite_store.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/scope_exit.hpp"

namespace httvps::backend::storage {
namespace {

class SqliteFile : public testing::Test {
 protected:
  SqliteFile() { std::filesystem::create_directories(folder_); }
  ~SqliteFile() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<sqlite_store> open(sqlite_options chosen = {}) {
    chosen.path = path();
    auto opened = sqlite_store::open(chosen);
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }
  std::string path() const { return folder_ / "backend.db"; }
  void run_raw(const std::string& sql) {
    soci::session session(soci::sqlite3, path());
    session << sql;
  }
  std::int64_t read_raw(const std::string& sql) {
    soci::session session(soci::sqlite3, path());
    long long number = 0;
    session << sql, soci::into(number);
    return number;
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      fmt::format("httvps_storage_{:016x}", base::secure_random().next_u64());
};

base::result<> save(sqlite_store& store, const std::string& key, const std::string& value) {
  return store.write([&](services::repositories& tables) {
    return tables.settings.save({.key = key, .value = value});
  });
}

std::optional<std::string> find(sqlite_store& store, const std::string& key) {
  return *services::read_from(
      store, [&](services::repositories& tables) { return tables.settings.find(key); });
}

models::user user_named(const std::string& name) {
  const auto now = base::from_unix_seconds(1'800'000'000);
  return {.id = models::user_id::make(now, base::secure_random()),
          .name = name,
          .email = {},
          .state = models::user_state::active,
          .note = "",
          .created_at = now};
}

TEST_F(SqliteFile, MigratesUpDownAndUpAgain) {
  const auto store = open();
  const auto first = store->migrate_up();
  ASSERT_TRUE(first);
  EXPECT_GE(*first, 3U);
  EXPECT_EQ(store->migrate_up(), 0U);
  ASSERT_TRUE(save(*store, "k", "v"));
  EXPECT_EQ(store->migrate_down(1), *first - 1);
  EXPECT_EQ(find(*store, "k"), "v");
  EXPECT_EQ(store->migrate_down(0), 1U);
  EXPECT_EQ(read_raw("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' "
                     "AND name <> 'schema_migrations'"),
            0);
  EXPECT_EQ(store->migrate_up(), *first);
  EXPECT_EQ(find(*store, "k"), std::nullopt);
}

TEST_F(SqliteFile, ReportsWhichMigrationsWait) {
  const auto store = open();
  const auto before = store->migrations();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->front().state, migration_state::waiting);
  ASSERT_TRUE(store->migrate_up());
  EXPECT_EQ(store->migrations()->back().state, migration_state::applied);
}

TEST_F(SqliteFile, RefusesANewerSchema) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  run_raw("INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 0)");
  EXPECT_EQ(store->check_schema().error(), errc::schema_newer);
  EXPECT_EQ(store->migrate_up().error(), errc::schema_newer);
  EXPECT_EQ(store->migrate_down(0).error(), errc::schema_newer);
}

TEST_F(SqliteFile, RefusesAChangedMigration) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  run_raw("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1");
  EXPECT_EQ(store->check_schema().error(), errc::schema_changed);
}

TEST_F(SqliteFile, KeepsEverythingOverARestart) {
  {
    const auto store = open();
    ASSERT_TRUE(store->migrate_up());
    ASSERT_TRUE(save(*store, "k", "v"));
  }
  const auto store = open();
  EXPECT_EQ(store->migrate_up(), 0U);
  EXPECT_EQ(find(*store, "k"), "v");
}

TEST_F(SqliteFile, RollsBackWhenTheBodyFails) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "k", .value = "v"}));
    return base::fail(services::errc::invalid_dates);
  });
  EXPECT_EQ(outcome.error(), services::errc::invalid_dates);
  EXPECT_EQ(find(*store, "k"), std::nullopt);
}

TEST_F(SqliteFile, NamesUniqueViolationsAndForeignKeys) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  const auto insert = [&](const models::user& user) {
    return store->write([&](services::repositories& tables) { return tables.users.insert(user); });
  };
  ASSERT_TRUE(insert(user_named("planted-name")));
  EXPECT_EQ(insert(user_named("planted-name")).error(), services::errc::already_exists);
  const auto orphan = store->write([&](services::repositories& tables) {
    return tables.subscriptions.insert({.id = models::subscription_id::trusted("sub_1"),
                                        .user = models::user_id::trusted("usr_nobody"),
                                        .plan = models::plan_id::trusted("plan_none")});
  });
  EXPECT_EQ(orphan.error(), services::errc::storage_failed);
  EXPECT_TRUE(insert(user_named("another")));
}

TEST_F(SqliteFile, SaysFullWhenItIsFullAndWorksAgainForReading) {
  const auto store = open({.connections = 2, .most_bytes = 400'000});
  ASSERT_TRUE(store->migrate_up());
  ASSERT_TRUE(save(*store, "small", "v"));
  const std::string large(50'000, 'x');
  base::result<> outcome;
  for (int i = 0; i < 20 && outcome; ++i) {
    outcome = save(*store, "large" + std::to_string(i), large);
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), services::errc::storage_full);
  EXPECT_EQ(find(*store, "small"), "v");
  EXPECT_TRUE(store->write([](services::repositories&) { return base::result<>{}; }));
}

TEST_F(SqliteFile, SaysBusyWhenAnotherProcessHoldsTheLock) {
  const auto store = open({.connections = 1, .patience = std::chrono::milliseconds(20)});
  ASSERT_TRUE(store->migrate_up());
  soci::session holder(soci::sqlite3, path());
  holder << "BEGIN IMMEDIATE";
  EXPECT_EQ(save(*store, "k", "v").error(), services::errc::storage_busy);
  holder << "ROLLBACK";
  EXPECT_TRUE(save(*store, "k", "v"));
}

TEST_F(SqliteFile, SaysBusyWhenEveryConnectionIsTaken) {
  const auto store = open({.connections = 1, .patience = std::chrono::milliseconds(20)});
  ASSERT_TRUE(store->migrate_up());
  const auto outer = store->read([&](services::repositories&) {
    EXPECT_EQ(save(*store, "k", "v").error(), services::errc::storage_busy);
    return base::result<>{};
  });
  EXPECT_TRUE(outer);
}

TEST_F(SqliteFile, WritersTakeTurnsAndLoseNothing) {
  const auto store = open({.connections = 4});
  ASSERT_TRUE(store->migrate_up());
  ASSERT_TRUE(save(*store, "sum", "0"));
  const auto add_many = [&] {
    for (int i = 0; i < 25; ++i) {
      const auto added = store->write([](services::repositories& tables) -> base::result<> {
        HTTVPS_TRY(const auto before, tables.settings.find("sum"));
        return tables.settings.save(
            {.key = "sum", .value = std::to_string(std::stoi(*before) + 1)});
      });
      EXPECT_TRUE(added);
    }
  };
  {
    const std::jthread one(add_many);
    const std::jthread two(add_many);
    const std::jthread three(add_many);
  }
  EXPECT_EQ(find(*store, "sum"), "75");
}

TEST_F(SqliteFile, StoresTextWithEveryByteThatUtf8Allows) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  std::string text;
  for (int byte = 1; byte < 128; ++byte) {
    text += static_cast<char>(byte);
  }
  text += "é漢😀'\"%_";
  ASSERT_TRUE(save(*store, "k", text));
  EXPECT_EQ(find(*store, "k"), text);
}

TEST_F(SqliteFile, UsesTheJournalThatSurvivesAPowerCut) {
  const auto store = open();
  ASSERT_TRUE(store->migrate_up());
  soci::session session(soci::sqlite3, path());
  std::string mode;
  session << "PRAGMA journal_mode", soci::into(mode);
  EXPECT_EQ(mode, "wal");
}

TEST(SqliteDsn, NamesAFile) {
  EXPECT_EQ(sqlite_path_of("sqlite:///var/lib/x.db"), "/var/lib/x.db");
  EXPECT_EQ(sqlite_path_of("sqlite://x.db"), "x.db");
  for (const auto* dsn : {"", "sqlite://", "postgres://x", "/x.db", "sqlite:///x?mode=ro"}) {
    EXPECT_EQ(sqlite_path_of(dsn).error(), errc::dsn_invalid) << dsn;
  }
}

TEST(SqliteStore, CannotOpenAFolder) {
  EXPECT_EQ(sqlite_store::open({.path = "/"}).error(), errc::cannot_open);
}

}
}
