#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/restored_versions.hpp"
#include "httvps/identity/errc.hpp"
#include "support/api_world.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::services {
namespace {

using identity::expiry_grace;
using models::signing_state;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test_support::api_world;
using test_support::deployment;

struct rotating_world : deployment {
  rotating_world() {
    user = add_user();
    models::plan terms;
    terms.device_limit = 5;
    subscribe(user, add_plan(terms));
    gateway = join().gateway;
  }

  authority_parts parts() {
    return {.storage = *store, .cipher = cipher, .clock = clock, .random = random};
  }

  void rotate() {
    ASSERT_TRUE(trust.rotate_signing(admin()));
    clock.advance(signing_key_settling);
  }

  identity::key_set key_set() {
    return identity::key_set::verify(authority.key_set_text(),
                                     {.root = root.public_part(), .now = clock.system_now()})
        .value();
  }

  std::string key_id_in(signing_state wanted) {
    for (const auto& one : trust.show()->signing) {
      if (one.state == wanted) {
        return one.key.key_id();
      }
    }
    return {};
  }

  std::string new_token() { return std::string(enrol(user, gateway).answer.token); }

  models::user user;
  models::gateway gateway;
};

TEST(SigningRotation, PublishesTheNewKeyBeforeItSigns) {
  rotating_world world;
  auto known = world.key_set();
  const auto old_key = world.key_id_in(signing_state::signing);
  ASSERT_TRUE(world.trust.rotate_signing(world.admin()));
  const auto published = world.key_set();
  EXPECT_GT(published.version(), known.version());
  EXPECT_EQ(published.claims().keys.size(), 2U);
  EXPECT_EQ(world.key_id_in(signing_state::signing), old_key);
  EXPECT_TRUE(identity::verify_access_token(world.new_token(),
                                            {.keys = known, .now = world.clock.system_now()}));
  world.clock.advance(signing_key_settling - seconds(1));
  EXPECT_EQ(world.key_id_in(signing_state::signing), old_key);
  world.clock.advance(seconds(1));
  EXPECT_EQ(world.key_id_in(signing_state::overlapping), old_key);
  const auto token = world.new_token();
  const auto now = world.clock.system_now();
  EXPECT_EQ(identity::verify_access_token(token, {.keys = known, .now = now}).error(),
            identity::errc::unknown_key);
  EXPECT_TRUE(identity::verify_access_token(token, {.keys = published, .now = now}));
  EXPECT_TRUE(known.replace(published.token(), now));
}

TEST(SigningRotation, ReachesGatewaysByTheirLongPollAtOnce) {
  rotating_world world;
  const auto before = world.gateways.config(world.gateway, std::nullopt).value();
  ASSERT_TRUE(before);
  EXPECT_FALSE(*world.gateways.config(world.gateway, before->rev));
  ASSERT_TRUE(world.trust.rotate_signing(world.admin()));
  const auto after = world.gateways.config(world.gateway, before->rev).value();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->key_set, world.authority.key_set_text());
  EXPECT_NE(after->key_set, before->key_set);
}

TEST(SigningRotation, TokensOfTheOldKeyAreGoodInTheOverlapAndOnlyRenewedAfterIt) {
  rotating_world world;
  auto stale = signing_authority::open(world.parts(), world.root);
  ASSERT_TRUE(stale);
  const auto token = world.new_token();
  world.rotate();
  EXPECT_TRUE(world.authority.verify_token(token, expiry_grace::none()));
  EXPECT_TRUE(std::holds_alternative<admitted_device>(world.validate(world.gateway, token)));
  world.clock.advance(signing_key_overlap);
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.verify_token(token, expiry_grace::live_session()).error(),
            errc::token_expired);
  EXPECT_TRUE(world.authority.verify_token(token, expiry_grace::renewal()));
  const auto now = world.clock.system_now();
  auto claims = world.authority.verify_token(token, expiry_grace::renewal())->claims;
  claims.issued = now;
  claims.expires = now + identity::access_token_lifetime;
  const auto late = stale->sign(claims).value();
  EXPECT_TRUE(stale->verify_token(late, expiry_grace::none()));
  EXPECT_EQ(world.authority.verify_token(late, expiry_grace::none()).error(), errc::token_invalid);
  EXPECT_EQ(world.authority.verify_token(late, expiry_grace::renewal()).error(),
            errc::token_invalid);
  world.clock.advance(signing_key_memory - signing_key_overlap);
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.verify_token(token, expiry_grace::renewal()).error(),
            errc::token_invalid);
}

TEST(SigningRotation, KeySetHoldsTwoKeysInTheOverlapAndOneAfterIt) {
  rotating_world world;
  const auto old_key = world.key_id_in(signing_state::signing);
  world.rotate();
  world.clock.advance(signing_key_overlap - seconds(1));
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.key_set().claims().keys.size(), 2U);
  const auto version = world.authority.key_set_version();
  world.clock.advance(seconds(1));
  ASSERT_TRUE(world.authority.tend());
  const auto keys = world.key_set();
  EXPECT_EQ(keys.claims().keys.size(), 1U);
  ASSERT_EQ(keys.claims().retired.size(), 1U);
  EXPECT_EQ(keys.claims().retired.front().key_id(), old_key);
  EXPECT_GT(keys.version(), version);
  EXPECT_EQ(world.key_id_in(signing_state::retired), old_key);
}

TEST(SigningRotation, TicketsOfBeforeTwoRotationsStillEnrol) {
  rotating_world world;
  const auto ticket = world.ticket_for(world.user, world.gateway);
  world.rotate();
  world.clock.advance(signing_key_overlap);
  ASSERT_TRUE(world.authority.tend());
  world.rotate();
  const auto late = world.try_enrol(ticket, world.gateway);
  EXPECT_TRUE(late) << base::label_of(late.error());
}

TEST(SigningRotation, ASecondOneWaitsUntilTheFirstHasTakenOver) {
  rotating_world world;
  ASSERT_TRUE(world.trust.rotate_signing(world.admin()));
  EXPECT_EQ(world.trust.rotate_signing(world.admin()).error(), errc::rotation_pending);
  world.clock.advance(signing_key_settling);
  EXPECT_TRUE(world.trust.rotate_signing(world.admin()));
}

TEST(SigningRotation, ComesByItselfAtItsTermOnceForAllReplicas) {
  rotating_world world;
  auto other = signing_authority::open(world.parts(), world.root);
  ASSERT_TRUE(other);
  EXPECT_EQ(world.trust.show()->next_rotation_at, world.clock.system_now() + signing_key_term);
  world.clock.advance(signing_key_term - seconds(1));
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.history().generations().size(), 1U);
  world.clock.advance(seconds(1));
  ASSERT_TRUE(world.authority.tend());
  ASSERT_TRUE(other->tend());
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.history().generations().size(), 2U);
  EXPECT_EQ(other->key_set_text(), world.authority.key_set_text());
}

TEST(SigningRotation, ATermOfThreeDaysNeverFillsTheKeySet) {
  rotating_world world;
  auto parts = world.parts();
  parts.term = hours(24 * 3);
  auto hasty = signing_authority::open(parts, world.root);
  ASSERT_TRUE(hasty);
  for (int day = 0; day < 60; ++day) {
    world.clock.advance(hours(24));
    ASSERT_TRUE(hasty->tend());
    EXPECT_LE(world.clock.system_now() - hasty->history().newest().created_at, hours(24 * 4));
  }
  EXPECT_LT(hasty->history().generations().size(), most_signing_keys);
}

TEST(SigningRotation, ReplicasSignAlikeAfterARefresh) {
  rotating_world world;
  auto other = signing_authority::open(world.parts(), world.root);
  ASSERT_TRUE(other);
  world.rotate();
  ASSERT_TRUE(other->refresh());
  EXPECT_EQ(other->key_set_text(), world.authority.key_set_text());
  const identity::config_claims claims{.version = 1,
                                       .issued = world.clock.system_now(),
                                       .not_after = world.clock.system_now() + hours(1),
                                       .gateways = {{.id = world.gateway.id.text(),
                                                     .host = "gate.example",
                                                     .addresses = {"192.0.2.1:443"},
                                                     .pins = {identity::spki_pin{}},
                                                     .path = "/a",
                                                     .cookie = "c"}}};
  const auto signed_there = other->sign(claims);
  ASSERT_TRUE(signed_there);
  EXPECT_EQ(*signed_there, world.authority.sign(claims).value());
}

TEST(SigningRotation, SurvivesARestartAtEachStep) {
  rotating_world world;
  ASSERT_TRUE(world.trust.rotate_signing(world.admin()));
  for (const auto step : {seconds(0), seconds(signing_key_settling), seconds(1)}) {
    world.clock.advance(step);
    const auto again = signing_authority::open(world.parts(), world.root);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->key_set_text(), world.authority.key_set_text());
    EXPECT_EQ(again->history().written(), world.authority.history().written());
  }
}

TEST(SigningRotation, VersionGrowsOverARestoreFromAnOlderBackup) {
  rotating_world world;
  const auto old_set = world.authority.key_set_text();
  for (int round = 0; round < 3; ++round) {
    world.rotate();
  }
  const auto known = world.key_set();
  ASSERT_TRUE(world.store->write([&](repositories& tables) {
    return tables.settings.save({.key = "key_set", .value = old_set});
  }));
  world.clock.advance(seconds(1));
  auto restored = signing_authority::open(world.parts(), world.root);
  ASSERT_TRUE(restored);
  EXPECT_GT(restored->key_set_version(), known.version());
}

TEST(SigningRotation, RestoredSetAndHistoryAreSignedAboveTheLostOnes) {
  rotating_world world;
  const auto old_set = *test_support::find_setting(*world.store, "key_set");
  const auto old_history = *test_support::find_setting(*world.store, "signing_keys");
  world.rotate();
  const auto lost = world.key_set().version();
  ASSERT_TRUE(test_support::save_setting(*world.store, "key_set", old_set));
  ASSERT_TRUE(test_support::save_setting(*world.store, "signing_keys", old_history));
  world.clock.advance(seconds(1));
  const auto now = world.clock.system_now();
  ASSERT_TRUE(outgrow_earlier_versions(*world.store, now));
  const auto restored = signing_authority::open(world.parts(), world.root);
  ASSERT_TRUE(restored);
  EXPECT_GT(restored->key_set_version(), lost);
}

TEST(SigningRotation, GrowsNoFurtherThanAKeySetHolds) {
  rotating_world world;
  for (std::size_t made = 1; made < most_signing_keys; ++made) {
    world.rotate();
  }
  EXPECT_EQ(world.trust.rotate_signing(world.admin()).error(), errc::too_many_signing_keys);
  EXPECT_EQ(world.key_set().claims().keys.size(), most_signing_keys);
}

TEST(SigningRotation, HistoryThatIsNoHistoryIsRefused) {
  for (const auto* text : {"", "{}", "[]", "[1]", R"([{"number":-1}])",
                           R"([{"number":1,"key":"x","created_at":1,"signs_from":1}])"}) {
    EXPECT_EQ(signing_history::parse(text).error(), errc::storage_failed) << text;
  }
}

TEST(SigningRotation, IsForTheRoleAdminAndLeavesALine) {
  api_world world;
  const auto shown = world.call({.target = "/api/v1/admin/keys", .token = world.chief_token});
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.text("root_key_id"), world.root.key_id());
  EXPECT_NE(shown.body.find("\"active\":\"" + world.cipher.key_id() + "\""), std::string::npos);
  EXPECT_NE(shown.body.find("\"state\":\"signing\""), std::string::npos);
  test_support::api_request wanted{.method = "POST",
                                   .target = "/api/v1/admin/keys:rotate-signing",
                                   .token = world.token_of(models::admin_role::support)};
  EXPECT_EQ(world.call(wanted).code(), "role_denied");
  wanted.token = world.chief_token;
  const auto rotated = world.call(wanted);
  EXPECT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_NE(rotated.body.find("\"state\":\"pending\""), std::string::npos);
  EXPECT_EQ(world.call(wanted).code(), "rotation_pending");
  const auto lines = world.call(
      {.target = "/api/v1/admin/audit?action=keys.rotate_signing", .token = world.chief_token});
  EXPECT_NE(lines.body.find("\"keys.rotate_signing\""), std::string::npos) << lines.body;
}

}
}
