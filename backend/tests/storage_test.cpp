#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_support::find_setting;
using test_support::save_setting;

class Storage : public ::testing::Test {
 protected:
  test_support::stored_database home;
};

models::user user_named(const std::string& name) {
  const auto now = base::from_unix_seconds(1'800'000'000);
  return {.id = models::user_id::make(now, base::secure_random()),
          .name = name,
          .email = {},
          .state = models::user_state::active,
          .note = "",
          .created_at = now};
}

base::result<> insert(sql_store& store, const models::user& user) {
  return store.write([&](services::repositories& tables) { return tables.users.insert(user); });
}

base::result<> add_one(sql_store& store) {
  return store.write([](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto before, tables.settings.find("sum"));
    return tables.settings.save({.key = "sum", .value = std::to_string(std::stoi(*before) + 1)});
  });
}

TEST_F(Storage, KeepsEverythingOverARestart) {
  {
    const auto store = home.open_migrated();
    ASSERT_TRUE(save_setting(*store, "k", "v"));
  }
  const auto store = home.open();
  EXPECT_EQ(store->migrate_up(), 0U);
  EXPECT_EQ(find_setting(*store, "k"), "v");
}

TEST_F(Storage, RollsBackWhenTheBodyFails) {
  const auto store = home.open_migrated();
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "k", .value = "v"}));
    return base::fail(services::errc::invalid_dates);
  });
  EXPECT_EQ(outcome.error(), services::errc::invalid_dates);
  EXPECT_EQ(find_setting(*store, "k"), std::nullopt);
}

TEST_F(Storage, NamesUniqueViolationsAndForeignKeys) {
  const auto store = home.open_migrated();
  ASSERT_TRUE(insert(*store, user_named("planted-name")));
  EXPECT_EQ(insert(*store, user_named("planted-name")).error(), services::errc::already_exists);
  const auto orphan = store->write([&](services::repositories& tables) {
    return tables.subscriptions.insert({.id = models::subscription_id::trusted("sub_1"),
                                        .user = models::user_id::trusted("usr_nobody"),
                                        .plan = models::plan_id::trusted("plan_none")});
  });
  EXPECT_EQ(orphan.error(), services::errc::storage_failed);
  EXPECT_TRUE(insert(*store, user_named("another")));
}

TEST_F(Storage, TransactionWithAFailedStatementIsNeverCommitted) {
  const auto store = home.open_migrated();
  ASSERT_TRUE(insert(*store, user_named("ada")));
  const auto outcome = store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.settings.save({.key = "k", .value = "v"}));
    EXPECT_FALSE(tables.users.insert(user_named("ada")));
    EXPECT_FALSE(tables.settings.save({.key = "l", .value = "v"}));
    return {};
  });
  EXPECT_EQ(outcome.error(), services::errc::already_exists);
  EXPECT_EQ(find_setting(*store, "k"), std::nullopt);
}

TEST_F(Storage, StatementThatFailedWorksAgainInTheNextTransaction) {
  const auto store = home.open_migrated({.connections = 1});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(insert(*store, user_named("ada " + std::to_string(i))));
    EXPECT_EQ(insert(*store, user_named("ada 0")).error(), services::errc::already_exists);
  }
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM users"), 5);
}

TEST_F(Storage, SaysBusyWhenEveryConnectionIsTaken) {
  const auto store =
      home.open_migrated({.connections = 1, .patience = std::chrono::milliseconds(20)});
  const auto outer = store->read([&](services::repositories&) {
    EXPECT_EQ(save_setting(*store, "k", "v").error(), services::errc::storage_busy);
    return base::result<>{};
  });
  EXPECT_TRUE(outer);
}

TEST_F(Storage, ReadersSeeOneMomentWhileWritersGoOn) {
  const auto store = home.open_migrated();
  ASSERT_TRUE(save_setting(*store, "k", "old"));
  const auto outcome = store->read([&](services::repositories& tables) -> base::result<> {
    EXPECT_EQ(*tables.settings.find("k"), "old");
    EXPECT_TRUE(save_setting(*store, "k", "new"));
    EXPECT_EQ(*tables.settings.find("k"), "old");
    return {};
  });
  EXPECT_TRUE(outcome);
  EXPECT_EQ(find_setting(*store, "k"), "new");
}

TEST_F(Storage, WritersLoseNothingToEachOther) {
  const auto store = home.open_migrated({.connections = 4, .patience = std::chrono::seconds(20)});
  ASSERT_TRUE(save_setting(*store, "sum", "0"));
  const auto add_many = [&] {
    for (int i = 0; i < 25; ++i) {
      EXPECT_TRUE(add_one(*store));
    }
  };
  {
    const std::jthread one(add_many);
    const std::jthread two(add_many);
    const std::jthread three(add_many);
  }
  EXPECT_EQ(find_setting(*store, "sum"), "75");
}

TEST_F(Storage, StoresTextWithEveryByteThatUtf8Allows) {
  const auto store = home.open_migrated();
  std::string text;
  for (int byte = 1; byte < 128; ++byte) {
    text += static_cast<char>(byte);
  }
  text += "é漢😀'\"%_:name";
  ASSERT_TRUE(save_setting(*store, "k", text));
  EXPECT_EQ(find_setting(*store, "k"), text);
}

TEST_F(Storage, StoresBinaryAsTextWithEveryByteValue) {
  const auto store = home.open_migrated();
  base::byte_vector bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<std::uint8_t>(byte));
  }
  ASSERT_TRUE(save_setting(*store, "k", base::to_base64url(bytes)));
  EXPECT_EQ(base::from_base64url(*find_setting(*store, "k")), bytes);
}

TEST_F(Storage, RefusesTextThatWouldBeCutAtAZeroByte) {
  const auto store = home.open_migrated();
  const std::string cut("before\0after", 12);
  EXPECT_EQ(save_setting(*store, "k", cut).error(), services::errc::storage_failed);
  EXPECT_EQ(find_setting(*store, "k"), std::nullopt);
}

TEST_F(Storage, OrdersAndComparesTextByItsBytes) {
  const auto store = home.open_migrated();
  for (const auto* id : {"usr_a", "usr_B", "usr__", "usr_é", "usr_0"}) {
    auto user = user_named(id);
    user.id = models::user_id::trusted(id);
    ASSERT_TRUE(insert(*store, user));
  }
  std::vector<std::string> ids;
  ASSERT_TRUE(store->read([&](services::repositories& tables) -> base::result<> {
    models::page_request wanted{.after = "", .size = 2};
    for (bool more = true; more;) {
      HTTVPS_TRY(const auto page, tables.users.list({.wanted = wanted}));
      for (const auto& user : page.items) {
        ids.push_back(user.id.text());
      }
      more = page.more;
      wanted.after = ids.back();
    }
    return {};
  }));
  EXPECT_EQ(ids, (std::vector<std::string>{"usr_0", "usr_B", "usr__", "usr_a", "usr_é"}));
}

TEST_F(Storage, CountersReachTheLargestSignedNumber) {
  const auto store = home.open_migrated();
  const auto most = std::numeric_limits<std::uint64_t>::max();
  const models::heartbeat beat{.uptime_seconds = 1, .bytes_up = most, .bytes_down = most / 2};
  ASSERT_TRUE(store->write(
      [&](services::repositories& tables) { return tables.heartbeats.save("gw_1", beat); }));
  const auto found = services::read_from(
      *store, [](services::repositories& tables) { return tables.heartbeats.find("gw_1"); });
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((**found).bytes_up, most / 2);
  EXPECT_EQ((**found).bytes_down, most / 2);
}

}
}
