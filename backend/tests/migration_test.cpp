#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "httvps/backend/storage/errc.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_support::find_setting;
using test_support::save_setting;

constexpr migration test_only{.version = 9001,
                              .name = "test_only",
                              .up = "CREATE TABLE test_only (note TEXT NOT NULL);",
                              .down = "DROP TABLE test_only;"};
constexpr migration second_test_only{.version = 9002,
                                     .name = "second_test_only",
                                     .up = "CREATE TABLE second_test_only (note TEXT NOT NULL);",
                                     .down = "DROP TABLE second_test_only;"};
constexpr migration broken{.version = 9001,
                           .name = "broken",
                           .up = "CREATE TABLE broken (note TEXT NOT NULL); SELECT nothing;",
                           .down = "DROP TABLE broken;"};

std::vector<migration> known_and(std::initializer_list<migration> later) {
  std::vector<migration> all(known_migrations().begin(), known_migrations().end());
  all.insert(all.end(), later.begin(), later.end());
  return all;
}

std::uint32_t newest() {
  return known_migrations().back().version;
}

class Migrations : public ::testing::Test {
 protected:
  test_support::stored_database home;
};

TEST_F(Migrations, GoUpDownAndUpAgain) {
  const auto store = home.open();
  const auto first = store->migrate_up();
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, known_migrations().size());
  EXPECT_EQ(store->migrate_up(), 0U);
  ASSERT_TRUE(save_setting(*store, "k", "v"));
  EXPECT_EQ(store->migrate_down(1), *first - 1);
  EXPECT_EQ(find_setting(*store, "k"), "v");
  EXPECT_EQ(store->migrate_down(0), 1U);
  EXPECT_EQ(home.count_tables(), 0);
  EXPECT_EQ(store->migrate_up(), *first);
  EXPECT_EQ(find_setting(*store, "k"), std::nullopt);
}

TEST_F(Migrations, EachOneCanBeTakenBackAndAppliedAgain) {
  const auto store = home.open_migrated();
  const auto tables = home.count_tables();
  const auto known = known_migrations();
  for (auto left = known.size(); left > 0; --left) {
    const auto target = left > 1 ? known[left - 2].version : 0U;
    const auto taken = store->migrate_down(target);
    ASSERT_TRUE(taken) << target;
    EXPECT_EQ(store->schema_version(), target);
    ASSERT_EQ(store->migrate_up(), *taken) << target;
    EXPECT_EQ(store->schema_version(), newest());
    EXPECT_EQ(home.count_tables(), tables) << target;
  }
}

TEST_F(Migrations, ReportWhichWait) {
  const auto store = home.open();
  const auto before = store->migrations();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->front().state, migration_state::waiting);
  ASSERT_TRUE(store->migrate_up());
  EXPECT_EQ(store->migrations()->back().state, migration_state::applied);
}

TEST_F(Migrations, RefuseANewerSchema) {
  const auto later = known_and({test_only});
  ASSERT_TRUE(home.open_migrated({.migrations = later}));
  const auto store = home.open();
  EXPECT_EQ(store->check_schema().error(), errc::schema_newer);
  EXPECT_EQ(store->migrations().error(), errc::schema_newer);
  EXPECT_EQ(store->migrate_up().error(), errc::schema_newer);
  EXPECT_EQ(store->migrate_down(0).error(), errc::schema_newer);
}

TEST_F(Migrations, RefuseAChangedScript) {
  const auto store = home.open_migrated();
  home.run_raw("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1");
  EXPECT_EQ(store->check_schema().error(), errc::schema_changed);
}

TEST_F(Migrations, ProgramRunsOnTheSchemaOneBeforeAndAsksForItsVersion) {
  ASSERT_TRUE(home.open_migrated());
  const auto later = known_and({test_only});
  const auto store = home.open({.migrations = later});
  ASSERT_TRUE(store->check_schema());
  services::store& asked = *store;
  EXPECT_EQ(asked.schema_version(), newest());
  EXPECT_FALSE(asked.schema_version() >= test_only.version);
  EXPECT_TRUE(save_setting(*store, "k", "v"));
  EXPECT_EQ(store->migrate_up(), 1U);
  EXPECT_TRUE(asked.schema_version() >= test_only.version);
  EXPECT_EQ(find_setting(*store, "k"), "v");
}

TEST_F(Migrations, RunningProgramLearnsThatAnotherMigrated) {
  ASSERT_TRUE(home.open_migrated());
  const auto later = known_and({test_only});
  const auto running = home.open({.migrations = later});
  ASSERT_TRUE(running->check_schema());
  ASSERT_TRUE(home.open_migrated({.migrations = later}));
  EXPECT_EQ(running->schema_version(), newest());
  ASSERT_TRUE(running->refresh_schema_version());
  EXPECT_EQ(running->schema_version(), test_only.version);
}

TEST_F(Migrations, SchemaTwoBeforeIsTooOld) {
  ASSERT_TRUE(home.open_migrated());
  const auto later = known_and({test_only, second_test_only});
  const auto store = home.open({.migrations = later});
  EXPECT_EQ(store->check_schema().error(), errc::schema_older);
  EXPECT_EQ(store->migrate_up(), 2U);
  EXPECT_TRUE(store->check_schema());
}

TEST_F(Migrations, OneThatFailsLeavesNothing) {
  ASSERT_TRUE(home.open_migrated());
  const auto tables = home.count_tables();
  const auto later = known_and({broken});
  const auto store = home.open({.migrations = later});
  EXPECT_EQ(store->migrate_up().error(), errc::migration_failed);
  EXPECT_EQ(home.count_tables(), tables);
  EXPECT_EQ(store->migrations()->back().state, migration_state::waiting);
  EXPECT_TRUE(save_setting(*store, "k", "v"));
}

TEST_F(Migrations, OfSeveralProgramsAreAppliedOnce) {
  std::atomic<std::uint32_t> steps = 0;
  const auto migrate = [&] {
    const auto store = home.open({.connections = 1, .patience = std::chrono::seconds(20)});
    const auto taken = store->migrate_up();
    EXPECT_TRUE(taken);
    steps += taken.value_or(0);
  };
  {
    const std::jthread one(migrate);
    const std::jthread two(migrate);
    const std::jthread three(migrate);
  }
  EXPECT_EQ(steps, known_migrations().size());
}

}
}
