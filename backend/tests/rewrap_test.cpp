#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "httvps/backend/services/errc.hpp"
#include "support/api_world.hpp"

namespace httvps::backend::services {
namespace {

using models::rewrap_state;
using test_support::api_world;

constexpr std::string_view new_key = "2026-12";

named_key made_key(std::string_view id, std::uint8_t fill) {
  return {.id = std::string(id),
          .key = base::secret_bytes(base::byte_vector(field_key_size, fill))};
}

key_ring ring_of(std::vector<named_key> keys, std::string_view active) {
  return key_ring::make({.keys = std::move(keys), .active = std::string(active)}).value();
}

struct rewrapped_world : api_world {
  rewrapped_world() : old_key(cipher.key_id()) { add_node("first"); }

  named_key old_one() const { return made_key(old_key, 0x5a); }
  named_key new_one() const { return made_key(new_key, 0x33); }
  void activate(std::string_view id) { cipher.replace(ring_of({old_one(), new_one()}, id)); }

  ring_report ring() { return trust.show_ring().value(); }
  std::uint64_t old_values() { return ring().values_of(old_key); }

  int rounds_until_done() {
    int rounds = 0;
    while (ring().rewrap.state == rewrap_state::running && rounds < 50) {
      EXPECT_TRUE(trust.rewrap());
      ++rounds;
    }
    return rounds;
  }

  sealed_value first_access_key() {
    sealed_value found;
    EXPECT_TRUE(
        store->read_cells([&](sealed_cell_repository& cells, repositories&) -> base::result<> {
          HTTVPS_TRY(const auto values,
                     cells.list(sealed_columns[0], {.other_than = "none", .after = "", .most = 1}));
          found = values.at(0);
          return {};
        }));
    return found;
  }

  base::result<> replace_first(const sealed_value& known, std::string_view fresh) {
    return store->write_cells([&](sealed_cell_repository& cells, repositories&) {
      return cells.replace(sealed_columns[0], known, fresh);
    });
  }

  std::string old_key;
};

TEST(Rewrap, CountsValuesByTableColumnAndKey) {
  rewrapped_world world;
  const auto before = world.ring();
  EXPECT_EQ(before.values_of(world.old_key), 2U);
  const auto has = [&](std::string_view table, std::string_view column) {
    return std::ranges::any_of(before.counts, [&](const sealed_count& one) {
      return one.table == table && one.column == column && one.key_id == world.old_key &&
             one.values == 1;
    });
  };
  EXPECT_TRUE(has("access_keys", "sealed_url"));
  EXPECT_TRUE(has("settings", "value"));
  world.activate(new_key);
  EXPECT_EQ(world.ring().values_of(new_key), 0U);
  EXPECT_EQ(world.old_values(), 2U);
  world.add_node("second");
  EXPECT_EQ(world.ring().values_of(new_key), 1U);
}

TEST(Rewrap, LeavesNothingUnderTheOldKeySoThatItMayGo) {
  rewrapped_world world;
  world.activate(new_key);
  ASSERT_TRUE(world.trust.order_rewrap(world.admin()));
  EXPECT_EQ(world.ring().rewrap.state, rewrap_state::running);
  EXPECT_GE(world.rounds_until_done(), 1);
  const auto done = world.ring();
  EXPECT_EQ(done.rewrap.state, rewrap_state::done);
  EXPECT_EQ(done.rewrap.rewrapped, 2U);
  EXPECT_EQ(done.rewrap.unreadable, 0U);
  EXPECT_TRUE(done.rewrap.finished_at);
  EXPECT_EQ(world.old_values(), 0U);
  const auto alone = field_cipher::from_ring(ring_of({world.new_one()}, new_key));
  const auto again = signing_authority::open(
      {.storage = *world.store, .cipher = alone, .clock = world.clock, .random = world.random},
      world.root);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key_set_text(), world.authority.key_set_text());
  const auto value = world.first_access_key();
  const auto opened = alone.open(
      {.table = "access_keys", .column = "sealed_url", .record = value.record}, value.stored);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal_text(), test_support::node_link);
}

TEST(Rewrap, GoesOnWhereAnotherProcessStopped) {
  rewrapped_world world;
  constexpr int more = 620;
  for (int i = 0; i < more; ++i) {
    world.add_node("node-" + std::to_string(i));
  }
  world.activate(new_key);
  ASSERT_TRUE(world.trust.order_rewrap(world.admin()));
  ASSERT_TRUE(world.trust.rewrap());
  const auto half = world.ring();
  EXPECT_EQ(half.rewrap.state, rewrap_state::running);
  EXPECT_EQ(half.rewrap.rewrapped, rewrap_round_values);
  EXPECT_EQ(half.values_of(world.old_key), more + 2 - rewrap_round_values);
  const trust_service successor(world.tools, *world.store);
  ASSERT_TRUE(successor.rewrap());
  const auto done = world.ring();
  EXPECT_EQ(done.rewrap.state, rewrap_state::done);
  EXPECT_EQ(done.rewrap.rewrapped, more + 2U);
  EXPECT_EQ(done.values_of(world.old_key), 0U);
}

TEST(Rewrap, CountsAValueThatDoesNotOpenAndLeavesIt) {
  rewrapped_world world;
  world.add_node("second");
  const auto known = world.first_access_key();
  const auto broken = sealed_head(world.old_key) + "AAAA";
  ASSERT_TRUE(world.replace_first(known, broken));
  world.activate(new_key);
  ASSERT_TRUE(world.trust.order_rewrap(world.admin()));
  world.rounds_until_done();
  const auto done = world.ring();
  EXPECT_EQ(done.rewrap.unreadable, 1U);
  EXPECT_EQ(done.rewrap.rewrapped, 2U);
  EXPECT_EQ(done.values_of(world.old_key), 1U);
}

TEST(Rewrap, NamesValuesOfKeysThatTheRingLacks) {
  rewrapped_world world;
  world.cipher.replace(ring_of({world.new_one()}, new_key));
  EXPECT_EQ(world.ring().values_of(unknown_key_id), 2U);
}

TEST(Rewrap, ABackendWithAnotherActiveKeyLeavesItAlone) {
  rewrapped_world world;
  world.activate(new_key);
  ASSERT_TRUE(world.trust.order_rewrap(world.admin()));
  world.activate(world.old_key);
  ASSERT_TRUE(world.trust.rewrap());
  EXPECT_EQ(world.old_values(), 2U);
  EXPECT_EQ(world.ring().rewrap.state, rewrap_state::running);
  world.activate(new_key);
  world.rounds_until_done();
  EXPECT_EQ(world.old_values(), 0U);
}

TEST(Rewrap, DoesNotOverwriteAValueThatChangedMeanwhile) {
  rewrapped_world world;
  auto known = world.first_access_key();
  ASSERT_TRUE(world.replace_first(known, "enc:v1:other:BBBB"));
  ASSERT_TRUE(world.replace_first(known, "enc:v1:other:CCCC"));
  EXPECT_EQ(world.first_access_key().stored, "enc:v1:other:BBBB");
}

TEST(Rewrap, IsOrderedOnceUntilItIsDone) {
  rewrapped_world world;
  world.activate(new_key);
  const auto first = world.trust.order_rewrap(world.admin())->rewrap.ordered_at;
  world.clock.advance(std::chrono::seconds(9));
  EXPECT_EQ(world.trust.order_rewrap(world.admin())->rewrap.ordered_at, first);
  world.rounds_until_done();
  EXPECT_NE(world.trust.order_rewrap(world.admin())->rewrap.ordered_at, first);
}

TEST(Rewrap, KnowsEveryColumnThatIsSealed) {
  std::size_t seen = 0;
  for (const auto& migration : storage::known_migrations()) {
    std::istringstream lines{std::string(migration.up)};
    std::string table;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string first;
      std::string second;
      std::string third;
      words >> first >> second >> third;
      table = first == "CREATE" && second == "TABLE" ? third : table;
      if (first.find("sealed") == std::string::npos) {
        continue;
      }
      ++seen;
      EXPECT_TRUE(std::ranges::any_of(
          sealed_columns,
          [&](const sealed_column& one) { return one.table == table && one.column == first; }))
          << table << '.' << first;
    }
  }
  EXPECT_EQ(seen + 1, std::size(sealed_columns));
}

TEST(Rewrap, IsPlannedAndOrderedOverHttpByTheRoleAdmin) {
  rewrapped_world world;
  world.activate(new_key);
  test_support::api_request wanted{.method = "POST",
                                   .target = "/api/v1/admin/keys:rewrap",
                                   .token = world.token_of(models::admin_role::support),
                                   .body = R"({"plan":true})"};
  EXPECT_EQ(world.call(wanted).code(), "role_denied");
  wanted.token = world.chief_token;
  const auto planned = world.call(wanted);
  ASSERT_EQ(planned.status, 200) << planned.body;
  EXPECT_NE(planned.body.find("\"total\":2"), std::string::npos) << planned.body;
  EXPECT_NE(planned.body.find("\"state\":\"idle\""), std::string::npos) << planned.body;
  EXPECT_EQ(world.ring().rewrap.state, rewrap_state::idle);
  wanted.body = "{}";
  EXPECT_NE(world.call(wanted).body.find("\"state\":\"running\""), std::string::npos);
  world.rounds_until_done();
  const auto shown = world.call({.target = "/api/v1/admin/keys", .token = world.chief_token});
  EXPECT_NE(shown.body.find("{\"key_id\":\"" + world.old_key + "\",\"values\":0}"),
            std::string::npos)
      << shown.body;
  const auto lines =
      world.call({.target = "/api/v1/admin/audit?action=keys.rewrap", .token = world.chief_token});
  EXPECT_NE(lines.body.find("\"keys.rewrap\""), std::string::npos) << lines.body;
}

}
}
