#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/base/clock.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_servers::postgresql_server;
using test_servers::postgresql_transport;
using test_servers::test_engine;
using test_support::find_setting;
using test_support::save_setting;

class PostgresqlStore : public ::testing::Test {
 protected:
  test_support::stored_database home{test_engine::postgresql};
};

base::result<std::unique_ptr<sql_store>> open_at(const std::string& dsn) {
  HTTVPS_TRY(const auto address, database_address::parse(dsn));
  return sql_store::open({.address = address, .connections = 2});
}

TEST_F(PostgresqlStore, ReplacesConnectionsThatWereCutUnnoticed) {
  const auto store = home.open_migrated();
  ASSERT_TRUE(save_setting(*store, "k", "old"));
  home.run_raw(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(save_setting(*store, "k", "new " + std::to_string(i)));
    EXPECT_EQ(find_setting(*store, "k"), "new " + std::to_string(i));
  }
}

TEST_F(PostgresqlStore, RunsABodyAgainWhoseConnectionIsCut) {
  const auto store = home.open_migrated();
  int runs = 0;
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "k", .value = std::to_string(++runs)}));
    if (runs == 1) {
      home.run_raw(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
          "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
    return tables.settings.save({.key = "l", .value = std::to_string(runs)});
  });
  EXPECT_TRUE(outcome);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(find_setting(*store, "k"), "2");
}

TEST_F(PostgresqlStore, RunsABodyAgainThatCollided) {
  const auto store = home.open_migrated();
  const auto other = home.open();
  ASSERT_TRUE(save_setting(*store, "k", "0"));
  int runs = 0;
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto before, tables.settings.find("k"));
    if (++runs == 1) {
      EXPECT_TRUE(save_setting(*other, "k", "10"));
    }
    return tables.settings.save({.key = "k", .value = *before + "+"});
  });
  EXPECT_TRUE(outcome);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(find_setting(*store, "k"), "10+");
}

TEST_F(PostgresqlStore, GivesUpWithStorageBusyWhenABodyCollidesAgainAndAgain) {
  const auto store = home.open_migrated({.patience = std::chrono::seconds(30)});
  const auto other = home.open();
  ASSERT_TRUE(save_setting(*store, "k", "0"));
  int runs = 0;
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto before, tables.settings.find("k"));
    EXPECT_TRUE(save_setting(*other, "k", std::to_string(++runs)));
    return tables.settings.save({.key = "k", .value = *before + "+"});
  });
  EXPECT_EQ(outcome.error(), services::errc::storage_busy);
  EXPECT_EQ(runs, 16);
}

TEST_F(PostgresqlStore, ReplicasLoseNothingToEachOther) {
  const store_options patient{.patience = std::chrono::seconds(20)};
  const auto first = home.open_migrated(patient);
  const auto second = home.open(patient);
  ASSERT_TRUE(save_setting(*first, "sum", "0"));
  const auto add_many = [](sql_store& store) {
    for (int i = 0; i < 25; ++i) {
      const auto added = store.write([](services::repositories& tables) -> base::result<> {
        HTTVPS_TRY(const auto before, tables.settings.find("sum"));
        return tables.settings.save(
            {.key = "sum", .value = std::to_string(std::stoi(*before) + 1)});
      });
      EXPECT_TRUE(added);
    }
  };
  {
    const std::jthread one([&] { add_many(*first); });
    const std::jthread two([&] { add_many(*second); });
  }
  EXPECT_EQ(find_setting(*first, "sum"), "50");
}

TEST_F(PostgresqlStore, ComparesTextByItsBytesWhateverTheDatabaseIsMadeFor) {
  const auto store = home.open_migrated();
  EXPECT_EQ(home.read_raw("SELECT CASE WHEN 'a' < 'B' THEN 1 ELSE 0 END"), 1);
  EXPECT_EQ(
      home.read_raw("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = "
                    "'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"),
      0);
}

TEST_F(PostgresqlStore, MigrationsOfSeveralReplicasAreAppliedOnce) {
  std::atomic<std::uint32_t> steps = 0;
  const auto migrate = [&] {
    const auto taken = home.open({.connections = 1})->migrate_up();
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

TEST_F(PostgresqlStore, SaysBusyWhenAnotherHoldsTheLockTooLong) {
  const auto store = home.open_migrated({.patience = std::chrono::milliseconds(50)});
  const auto other = home.open();
  ASSERT_TRUE(save_setting(*store, "k", "0"));
  ASSERT_TRUE(other->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "k", .value = "1"}));
    EXPECT_EQ(save_setting(*store, "k", "2").error(), services::errc::storage_busy);
    return {};
  }));
  EXPECT_EQ(find_setting(*store, "k"), "1");
}

TEST_F(PostgresqlStore, WritesNothingToStandardErrorWhateverTheServerSays) {
  ::testing::internal::CaptureStderr();
  {
    const auto store = home.open_migrated();
    home.run_raw(
        "CREATE FUNCTION shout() RETURNS trigger AS $$ BEGIN "
        "RAISE WARNING 'shouted %', NEW.value; RETURN NEW; END $$ LANGUAGE plpgsql; "
        "CREATE TRIGGER shout BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION shout()");
    ASSERT_TRUE(save_setting(*store, "k", "planted-value"));
    const auto twice = store->write([](services::repositories& tables) -> base::result<> {
      HTTVPS_CHECK(tables.regions.ensure("eu", {}));
      return tables.join_tokens.insert({.hash = "planted-value", .name = "n", .region = "eu"});
    });
    ASSERT_TRUE(twice);
    const auto refused = store->write([](services::repositories& tables) {
      return tables.join_tokens.insert({.hash = "planted-value", .name = "n", .region = "eu"});
    });
    EXPECT_EQ(refused.error(), services::errc::already_exists);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(PostgresqlStore, RefusesAWrongPasswordWithoutShowingIt) {
  auto dsn = home.dsn();
  const std::string_view password = test_servers::postgresql_password;
  dsn.replace(dsn.find(password), password.size(), "wrong-password");
  ::testing::internal::CaptureStderr();
  const auto opened = open_at(dsn);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), errc::cannot_open);
}

TEST_F(PostgresqlStore, AcknowledgesAfterTheDiskThoughTheDatabaseIsToldNotTo) {
  home.run_raw(
      "CREATE TABLE seen (mode TEXT, statement TEXT, waiting TEXT); "
      "CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN INSERT INTO seen VALUES ("
      "current_setting('synchronous_commit'), current_setting('statement_timeout'), "
      "current_setting('lock_timeout')); RETURN NEW; END $$ LANGUAGE plpgsql");
  home.run_raw("ALTER ROLE postgres SET synchronous_commit = off");
  const auto store = home.open_migrated();
  home.run_raw("ALTER ROLE postgres RESET synchronous_commit");
  home.run_raw(
      "CREATE TRIGGER note BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION note()");
  ASSERT_TRUE(save_setting(*store, "k", "v"));
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM seen WHERE mode = 'on'"), 1);
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM seen WHERE statement = '10s' AND waiting = '2s'"),
            1);
}

TEST_F(PostgresqlStore, OnlyAdmissionsDoNotWaitForTheDisk) {
  const auto store = home.open_migrated();
  home.run_raw(
      "CREATE TABLE seen (key TEXT, mode TEXT, plans TEXT, jit TEXT); "
      "CREATE FUNCTION tell() RETURNS trigger AS $$ BEGIN INSERT INTO seen VALUES (NEW.key, "
      "current_setting('synchronous_commit'), current_setting('plan_cache_mode'), "
      "current_setting('jit')); RETURN NEW; END $$ LANGUAGE plpgsql");
  home.run_raw(
      "CREATE TRIGGER tell BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION tell()");
  const auto saving = [](const std::string& key) {
    return [key](services::repositories& tables) {
      return tables.settings.save({.key = key, .value = "v"});
    };
  };
  ASSERT_TRUE(store->note(saving("note")));
  ASSERT_TRUE(store->note_later(saving("admission")));
  ASSERT_TRUE(store->note(saving("next")));
  ASSERT_TRUE(save_setting(*store, "write", "v"));
  const auto count = [this](const std::string& condition) {
    return home.read_raw("SELECT COUNT(*) FROM seen WHERE " + condition);
  };
  EXPECT_EQ(count("key = 'admission' AND mode = 'off' AND plans = 'force_generic_plan'"), 1);
  EXPECT_EQ(count("mode = 'on' AND plans = 'force_generic_plan' AND key IN ('note', 'next')"), 2);
  EXPECT_EQ(count("key = 'write' AND mode = 'on' AND plans = 'auto'"), 1);
  EXPECT_EQ(count("jit = 'off'"), 4);
}

TEST_F(PostgresqlStore, CountersHaveRoomForTheirUpdatesUnlessAnOperatorChoseOtherwise) {
  const auto filled = [this](const std::string& half) {
    return home.read_raw("SELECT COUNT(*) FROM pg_class WHERE reloptions = '{fillfactor=" + half +
                         "}' AND relname IN ('quota_leases', 'session_traffic', "
                         "'subscription_usage', 'usage_daily')");
  };
  ASSERT_TRUE(home.open_migrated());
  EXPECT_EQ(filled("50"), 4);
  home.run_raw("ALTER TABLE usage_daily SET (fillfactor = 80)");
  home.run_raw("ALTER TABLE session_traffic RESET (fillfactor)");
  ASSERT_TRUE(home.open_migrated());
  EXPECT_EQ(filled("50"), 3);
  EXPECT_EQ(filled("80"), 1);
}

TEST_F(PostgresqlStore, NoIndexHoldsACounterThatEachBatchChanges) {
  ASSERT_TRUE(home.open_migrated());
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM pg_indexes WHERE tablename = 'quota_leases'"), 3);
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM pg_indexes WHERE indexdef ~ 'rolled_up' OR "
                          "(tablename IN ('session_traffic', 'subscription_usage', 'usage_daily') "
                          "AND indexdef ~ '\\m(up|down)\\M')"),
            0);
}

TEST_F(PostgresqlStore, NamesWhatTheServerRefuses) {
  const auto store = home.open_migrated();
  home.run_raw(
      "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN "
      "RAISE EXCEPTION 'refused' USING ERRCODE = NEW.value; END $$ LANGUAGE plpgsql; "
      "CREATE TRIGGER refuse BEFORE INSERT ON settings FOR EACH ROW "
      "WHEN (NEW.key = 'code') EXECUTE FUNCTION refuse()");
  const std::pair<const char*, services::errc> cases[] = {
      {"23505", services::errc::already_exists}, {"23503", services::errc::storage_failed},
      {"53100", services::errc::storage_full},   {"53200", services::errc::storage_busy},
      {"55P03", services::errc::storage_busy},   {"57014", services::errc::storage_busy},
      {"25006", services::errc::storage_busy},   {"22021", services::errc::storage_failed}};
  for (const auto& [code, cause] : cases) {
    EXPECT_EQ(save_setting(*store, "code", code).error(), cause) << code;
  }
  EXPECT_TRUE(save_setting(*store, "k", "v"));
}

TEST(PostgresqlServer, ComesBackByItselfAfterTheServerWasAway) {
  postgresql_server server;
  const auto store = open_at(server.dsn("postgres"));
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->migrate_up());
  ASSERT_TRUE(save_setting(**store, "k", "before"));
  server.stop();
  EXPECT_EQ(save_setting(**store, "k", "lost").error(), services::errc::storage_busy);
  server.start();
  EXPECT_EQ(find_setting(**store, "k"), "before");
  EXPECT_TRUE(save_setting(**store, "k", "after"));
}

TEST(PostgresqlServer, AcknowledgedWritesOutliveItsCrash) {
  postgresql_server server({.durability = test_servers::postgresql_durability::full});
  const auto store = open_at(server.dsn("postgres"));
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->migrate_up());
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(save_setting(**store, "k" + std::to_string(i), "v"));
  }
  server.crash();
  server.start();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(find_setting(**store, "k" + std::to_string(i)), "v");
  }
}

TEST(PostgresqlServer, IsRefusedWhenItsCertificateDoesNotProveItsName) {
  const postgresql_server server({.transport = postgresql_transport::tls});
  const auto root = "sslrootcert=" + server.certificate();
  EXPECT_TRUE(open_at(server.tls_dsn("postgres", "sslmode=verify-full&" + root)));
  EXPECT_EQ(open_at(server.tls_dsn("postgres", "sslmode=verify-full")).error(), errc::cannot_open);
  auto elsewhere = server.tls_dsn("postgres", root);
  elsewhere.replace(elsewhere.find("localhost"), 9, "db.example");
  EXPECT_EQ(open_at(elsewhere).error(), errc::cannot_open);
  EXPECT_TRUE(open_at(elsewhere + "&sslmode=verify-ca"));
}

}
}
