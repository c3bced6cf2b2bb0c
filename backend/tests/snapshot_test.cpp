#include "httvps/backend/storage/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "httvps/backend/services/worker_leases.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "support/memory_stream.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_servers::chosen_engine;
using test_servers::test_engine;
using test_support::find_setting;
using test_support::memory_sink;
using test_support::memory_source;
using test_support::save_setting;
using test_support::stored_database;

constexpr int settings = 2300;

test_engine other_engine() {
  return chosen_engine() == test_engine::sqlite ? test_engine::postgresql : test_engine::sqlite;
}

std::string key_of(int number) {
  return "key" + std::to_string(10000 + number);
}

base::result<> save_all(services::store& store, const std::string& value) {
  return store.write([&](services::repositories& tables) -> base::result<> {
    for (int i = 0; i < settings; ++i) {
      HTTVPS_CHECK(tables.settings.save({.key = key_of(i), .value = value}));
    }
    return {};
  });
}

class Snapshot : public ::testing::Test {
 protected:
  Snapshot() : store(source.open_migrated({.connections = 2})) {
    EXPECT_TRUE(save_all(*store, "before\n\"'é"));
  }

  base::result<snapshot_manifest> write(memory_sink& sink) {
    const auto address = *database_address::parse(source.dsn());
    return write_snapshot(
        {.from = address, .to = sink, .program = "1.2.3", .clock = clock, .progress = {}});
  }

  std::string written() {
    memory_sink sink;
    EXPECT_TRUE(write(sink));
    return sink.content;
  }

  base::result<snapshot_manifest> check(const std::string& content) {
    memory_source from(content);
    return check_snapshot(from, {});
  }

  base::result<std::uint64_t> restore(const std::string& content, const stored_database& into,
                                      target_rule rule = target_rule::must_be_empty) {
    HTTVPS_TRY(const auto checked, check(content));
    memory_source from(content);
    const auto address = *database_address::parse(into.dsn());
    return restore_snapshot({.into = address,
                             .checked = checked,
                             .from = from,
                             .rule = rule,
                             .clock = clock,
                             .progress = {}});
  }

  base::manual_clock clock;
  stored_database source;
  std::unique_ptr<sql_store> store;
};

TEST_F(Snapshot, ComesBackInTheOtherEngineWithEqualDigests) {
  memory_sink first;
  const auto made = write(first);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->rows(), static_cast<std::uint64_t>(settings));
  EXPECT_EQ(made->head.program, "1.2.3");
  EXPECT_EQ(made->head.schema, known_migrations().back().version);
  const stored_database target(other_engine());
  ASSERT_EQ(restore(first.content, target), static_cast<std::uint64_t>(settings));
  EXPECT_EQ(find_setting(*target.open(), key_of(2299)), "before\n\"'é");
  memory_sink second;
  const auto address = *database_address::parse(target.dsn());
  ASSERT_TRUE(write_snapshot(
      {.from = address, .to = second, .program = "1.2.3", .clock = clock, .progress = {}}));
  EXPECT_EQ(first.content, second.content);
}

TEST_F(Snapshot, IsOfOneMomentWhileOthersWrite) {
  memory_sink sink;
  int written_between = 0;
  sink.on_write = [&](std::size_t so_far) {
    if (so_far > 1000 && written_between < 20) {
      ++written_between;
      EXPECT_TRUE(save_all(*store, "after" + std::to_string(written_between)));
      EXPECT_TRUE(save_setting(*store, "zz_late" + std::to_string(written_between), "late"));
    }
  };
  const auto made = write(sink);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(written_between, 20);
  EXPECT_EQ(find_setting(*store, key_of(0)), "after20");
  const stored_database target;
  ASSERT_EQ(restore(sink.content, target), static_cast<std::uint64_t>(settings));
  const auto restored = target.open();
  for (const int number : {0, 1, 999, 1000, 1001, 2299}) {
    EXPECT_EQ(find_setting(*restored, key_of(number)), "before\n\"'é") << number;
  }
  EXPECT_EQ(find_setting(*restored, "zz_late1"), std::nullopt);
}

TEST_F(Snapshot, TargetThatHoldsRowsIsRefusedUnlessItIsToBeReplaced) {
  const auto content = written();
  const stored_database target;
  ASSERT_TRUE(save_setting(*target.open_migrated(), "mine", "kept"));
  EXPECT_EQ(restore(content, target).error(), errc::restore_target_not_empty);
  EXPECT_EQ(find_setting(*target.open(), "mine"), "kept");
  ASSERT_TRUE(restore(content, target, target_rule::is_replaced));
  EXPECT_EQ(find_setting(*target.open(), "mine"), std::nullopt);
  EXPECT_EQ(find_setting(*target.open(), key_of(7)), "before\n\"'é");
}

TEST_F(Snapshot, TargetThatIsServedIsNotReplaced) {
  const auto content = written();
  const stored_database target;
  const auto served = target.open_migrated();
  ASSERT_TRUE(served->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "mine", .value = "kept"}));
    HTTVPS_CHECK(services::take_lease(
        tables, {.name = "duty", .holder = "me", .term = std::chrono::seconds(12)},
        clock.system_now()));
    return {};
  }));
  EXPECT_EQ(restore(content, target, target_rule::is_replaced).error(),
            errc::restore_target_in_use);
  EXPECT_EQ(find_setting(*served, "mine"), "kept");
  clock.advance(std::chrono::seconds(13));
  EXPECT_TRUE(restore(content, target, target_rule::is_replaced));
}

TEST_F(Snapshot, OfTheSchemaBeforeIsMigratedUpAfterItsRestore) {
  const auto before = known_migrations()[known_migrations().size() - 2].version;
  ASSERT_TRUE(store->migrate_down(before));
  const auto content = written();
  EXPECT_EQ(check(content)->head.schema, before);
  const stored_database target;
  ASSERT_TRUE(target.open_migrated());
  ASSERT_TRUE(restore(content, target));
  const auto restored = target.open();
  ASSERT_TRUE(restored->check_schema());
  EXPECT_EQ(restored->schema_version(), known_migrations().back().version);
  EXPECT_EQ(find_setting(*restored, key_of(5)), "before\n\"'é");
  EXPECT_EQ(restore(content, target, target_rule::is_replaced).error(),
            errc::restore_schema_differs);
}

TEST_F(Snapshot, OfANewerSchemaOrFormatIsRefused) {
  const auto content = written();
  const auto schema = "\"schema\":" + std::to_string(known_migrations().back().version);
  auto newer = content;
  newer.replace(newer.find(schema), schema.size(), "\"schema\":99");
  EXPECT_EQ(check(newer).error(), errc::snapshot_newer);
  auto later = content;
  later.replace(later.find("\"format\":1"), 10, "\"format\":2");
  EXPECT_EQ(check(later).error(), errc::snapshot_newer);
  auto foreign = content;
  const auto mark = foreign.find("\"migrations\":\"") + 14;
  foreign[mark] = foreign[mark] == 'A' ? 'B' : 'A';
  EXPECT_EQ(check(foreign).error(), errc::schema_changed);
}

TEST_F(Snapshot, WhatTheManifestDoesNotSayIsRefusedAndNothingIsWritten) {
  const auto content = written();
  auto changed = content;
  changed[changed.find("before") + 2] = 'F';
  EXPECT_EQ(check(changed).error(), errc::snapshot_differs);
  auto counted = content;
  counted.replace(counted.find("\"rows\":2300"), 11, "\"rows\":2301");
  EXPECT_EQ(check(counted).error(), errc::snapshot_differs);
  EXPECT_EQ(check(content + "x").error(), errc::snapshot_invalid);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3}, content.size() / 2, content.size() - 1}) {
    EXPECT_EQ(check(content.substr(0, size)).error(), errc::snapshot_invalid) << size;
  }
  auto oversize = content;
  oversize[1] = '\xff';
  EXPECT_EQ(check(oversize).error(), errc::snapshot_invalid);
}

TEST_F(Snapshot, SecondReadingThatDiffersIsTakenBack) {
  const auto content = written();
  const auto checked = check(content);
  auto changed = content;
  changed[changed.find("before") + 2] = 'F';
  const stored_database target;
  memory_source from(changed);
  const auto address = *database_address::parse(target.dsn());
  EXPECT_EQ(restore_snapshot({.into = address, .checked = *checked, .from = from, .clock = clock})
                .error(),
            errc::snapshot_differs);
  EXPECT_EQ(target.read_raw("SELECT COUNT(*) FROM settings"), 0);
}

TEST_F(Snapshot, NeedsADatabaseThatIsThere) {
  const stored_database missing(test_engine::sqlite);
  const auto address = *database_address::parse(missing.dsn());
  memory_sink sink;
  EXPECT_EQ(write_snapshot({.from = address, .to = sink, .program = "1", .clock = clock}).error(),
            errc::cannot_open);
  EXPECT_FALSE(std::filesystem::exists(missing.path()));
}

}
}
