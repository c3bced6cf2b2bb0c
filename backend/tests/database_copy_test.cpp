#include "httvps/backend/storage/database_copy.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "httvps/backend/storage/errc.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::storage {
namespace {

using test_servers::test_engine;
using test_support::find_setting;
using test_support::stored_database;

constexpr std::size_t settings_in_source = 2500;

using digests = std::map<std::string, std::string>;

void fill_accounts(services::repositories& tables) {
  for (int i = 0; i < 70; ++i) {
    const auto mark = std::to_string(i);
    const auto user = models::user_id::trusted("usr_" + mark);
    ASSERT_TRUE(tables.users.insert(
        {.id = user,
         .name = "ada '" + mark,
         .email = i % 2 == 0 ? std::optional<std::string>("a@b.example") : std::nullopt,
         .state = models::user_state::active,
         .note = "é漢😀\n"}));
    const auto plan = models::plan_id::trusted("pln_" + mark);
    ASSERT_TRUE(tables.plans.insert({.id = plan,
                                     .code = "p" + mark,
                                     .name = "plan",
                                     .quota_bytes = std::numeric_limits<std::int64_t>::max()}));
    ASSERT_TRUE(tables.subscriptions.insert({.id = models::subscription_id::trusted("sub_" + mark),
                                             .user = user,
                                             .plan = plan,
                                             .state = models::subscription_state::active}));
  }
}

void fill(sql_store& store) {
  ASSERT_TRUE(store.write([](services::repositories& tables) -> base::result<> {
    fill_accounts(tables);
    for (std::size_t i = 0; i < settings_in_source; ++i) {
      const auto key = std::string(i % 3 == 0 ? "K" : "k") + std::to_string(i);
      HTTVPS_CHECK(tables.settings.save({.key = key, .value = std::string(i % 50, 'v')}));
    }
    return {};
  }));
}

class DatabaseCopy : public ::testing::Test {
 protected:
  DatabaseCopy() { fill(*source.open_migrated()); }

  base::result<std::uint64_t> copy(const stored_database& from, const stored_database& to,
                                   digests* seen = nullptr) {
    return copy_database({.from = *database_address::parse(from.dsn()),
                          .to = *database_address::parse(to.dsn()),
                          .progress = [seen](const copy_progress& step) {
                            if (seen != nullptr && step.stage == copy_stage::verified) {
                              (*seen)[step.table] = std::to_string(step.rows) + " " + step.digest;
                            }
                          }});
  }

  stored_database source{test_engine::sqlite};
};

TEST_F(DatabaseCopy, MovesEveryRowToPostgresqlAndBackUnchanged) {
  const stored_database target(test_engine::postgresql);
  const stored_database returned(test_engine::sqlite);
  digests there;
  digests back;
  const auto rows = copy(source, target, &there);
  ASSERT_TRUE(rows) << rows.error().message();
  EXPECT_EQ(*rows, settings_in_source + 3 * 70U);
  EXPECT_EQ(static_cast<std::int64_t>(there.size()), target.count_tables());
  EXPECT_TRUE(there["users"].starts_with("70 "));
  ASSERT_TRUE(copy(target, returned, &back));
  EXPECT_EQ(there, back);
  const auto store = target.open();
  ASSERT_TRUE(store->check_schema());
  EXPECT_EQ(find_setting(*store, "k49"), std::string(49, 'v'));
  const auto plan = services::read_from(*store, [](services::repositories& tables) {
    return tables.plans.find(models::plan_id::trusted("pln_3"));
  });
  EXPECT_EQ((**plan).quota_bytes, std::numeric_limits<std::int64_t>::max());
}

TEST_F(DatabaseCopy, TellsHowFarItIs) {
  const stored_database target(test_engine::sqlite);
  std::vector<std::pair<copy_stage, std::uint64_t>> steps;
  ASSERT_TRUE(copy_database({.from = *database_address::parse(source.dsn()),
                             .to = *database_address::parse(target.dsn()),
                             .progress = [&](const copy_progress& step) {
                               if (step.table == "settings") {
                                 steps.emplace_back(step.stage, step.rows);
                               }
                             }}));
  const std::vector<std::pair<copy_stage, std::uint64_t>> expected = {
      {copy_stage::copying, 1000},   {copy_stage::copying, 2000},   {copy_stage::copying, 2500},
      {copy_stage::comparing, 1000}, {copy_stage::comparing, 2000}, {copy_stage::comparing, 2500},
      {copy_stage::verified, 2500}};
  EXPECT_EQ(steps, expected);
}

TEST_F(DatabaseCopy, RefusesATargetThatHoldsRows) {
  const stored_database target(test_engine::postgresql);
  ASSERT_TRUE(test_support::save_setting(*target.open_migrated(), "k", "mine"));
  const auto refused = copy(source, target);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::copy_target_not_empty);
  EXPECT_EQ(find_setting(*target.open(), "k"), "mine");
  EXPECT_EQ(target.read_raw("SELECT COUNT(*) FROM users"), 0);
}

TEST_F(DatabaseCopy, TakesBackACopyThatDiffers) {
  const stored_database target(test_engine::postgresql);
  ASSERT_TRUE(target.open_migrated());
  target.run_raw(
      "CREATE FUNCTION change() RETURNS trigger AS $$ BEGIN IF NEW.key = 'k7' THEN "
      "NEW.value := 'changed'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql; "
      "CREATE TRIGGER change BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION change()");
  const auto refused = copy(source, target);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::copy_differs);
  EXPECT_EQ(target.read_raw("SELECT COUNT(*) FROM settings"), 0);
  target.run_raw("DROP TRIGGER change ON settings");
  EXPECT_TRUE(copy(source, target));
}

TEST_F(DatabaseCopy, TakesBackACopyThatLostARow) {
  const stored_database target(test_engine::postgresql);
  ASSERT_TRUE(target.open_migrated());
  target.run_raw(
      "CREATE FUNCTION lose() RETURNS trigger AS $$ BEGIN IF NEW.key = 'k2498' THEN "
      "RETURN NULL; END IF; RETURN NEW; END $$ LANGUAGE plpgsql; "
      "CREATE TRIGGER lose BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION lose()");
  const auto refused = copy(source, target);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::copy_differs);
  EXPECT_EQ(target.read_raw("SELECT COUNT(*) FROM users"), 0);
}

TEST_F(DatabaseCopy, NeedsASourceThatIsThereWithTheNewestSchema) {
  const stored_database target(test_engine::sqlite);
  const stored_database missing(test_engine::sqlite);
  EXPECT_EQ(copy(missing, target).error(), errc::cannot_open);
  EXPECT_FALSE(std::filesystem::exists(missing.path()));
  ASSERT_TRUE(source.open()->migrate_down(known_migrations().back().version - 1));
  EXPECT_EQ(copy(source, target).error(), errc::schema_older);
}

}
}
