#include "audit_sight.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "httvps/backend/services/audit_chain.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using models::admin_role;
using models::id_kind;
using test_support::login_world;
using text_set = std::set<std::string>;

constexpr std::string_view own_tokens_area = "tokens";
constexpr id_kind audited_kinds[] = {id_kind::user,      id_kind::plan,   id_kind::subscription,
                                     id_kind::device,    id_kind::ticket, id_kind::gateway,
                                     id_kind::node,      id_kind::admin,  id_kind::admin_token,
                                     id_kind::join_token};

class AuditSight : public ::testing::Test {
 protected:
  text_set seen(const std::string& token, const std::string& query = {}) {
    const auto reply = world.ask(token, "audit" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    next_page = reply.text("next_page_token");
    text_set objects;
    for (const auto& each : boost::json::parse(reply.body).at("items").as_array()) {
      objects.emplace(each.at("object").as_string());
    }
    return objects;
  }
  void write_line(const std::string& object, const std::string& actor = "adm_other") {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      const auto now = world.clock.system_now();
      models::audit_line line{
          .id = models::audit_id::make(now, world.random), .at = now, .actor = actor};
      line.action = "some.change";
      line.object = object;
      return services::append_audit_line(tables, std::move(line));
    }));
  }
  static std::string object_of(id_kind kind) { return std::string(prefix_of(kind)) + "0"; }
  text_set areas_of_support() const {
    text_set areas;
    for (const auto& one : world.api.routes()) {
      if (one.method != "GET" && one.least_role == admin_role::support && !one.scope.empty()) {
        areas.insert(one.scope.substr(0, one.scope.find(':')));
      }
    }
    areas.erase(std::string(own_tokens_area));
    return areas;
  }
  std::string token_made_by(const std::string& session, const std::string& role) {
    return world.act(session, "tokens", R"({"name":"made","role":")" + role + R"("})")
        .text("secret");
  }

  login_world world;
  std::string next_page;
};

TEST_F(AuditSight, EveryAreaThatSupportMayChangeHasAKindOfObject) {
  EXPECT_GE(areas_of_support().size(), 4U);
  for (const auto& area : areas_of_support()) {
    EXPECT_TRUE(kind_of_area(area)) << "say in audit_sight.cpp which objects are of " << area;
  }
}

TEST_F(AuditSight, OfSupportIsWhatTheRoutesLetItChange) {
  text_set wanted;
  for (const auto& area : areas_of_support()) {
    wanted.insert(object_of(kind_of_area(area).value()));
  }
  for (const auto kind : audited_kinds) {
    write_line(object_of(kind));
  }
  write_line("keys");
  write_line("eu");
  EXPECT_EQ(seen(world.token_of(admin_role::support), "?action=some.change"), wanted);
}

TEST_F(AuditSight, OfTheOtherRolesIsEveryLine) {
  text_set all{"keys", "eu"};
  for (const auto kind : audited_kinds) {
    all.insert(object_of(kind));
  }
  for (const auto& object : all) {
    write_line(object);
  }
  for (const auto role : {admin_role::read_only, admin_role::admin}) {
    EXPECT_EQ(seen(world.token_of(role), "?action=some.change"), all);
  }
  EXPECT_EQ(world.ask(world.token_of(admin_role::admin), "audit:export").status, 200);
  for (const auto role : {admin_role::read_only, admin_role::support}) {
    EXPECT_EQ(world.ask(world.token_of(role), "audit:export").code(), "role_denied");
  }
}

TEST_F(AuditSight, OfSupportHoldsItsOwnLinesAndThoseAboutItself) {
  const auto ada = world.add_account("Ada").id.text();
  const auto bea = world.add_account("Bea").id.text();
  write_line("keys", ada);
  write_line("eu", bea);
  write_line(ada);
  write_line(bea);
  EXPECT_EQ(seen(world.session_of("Ada"), "?action=some.change"), (text_set{"keys", ada}));
}

TEST_F(AuditSight, OfATokenIsNotWiderThanThatOfItsMaker) {
  const auto account = world.add_account("Ada").id.text();
  write_line("keys");
  write_line("eu", account);
  const auto narrow = token_made_by(world.session_of("Ada"), "read_only");
  EXPECT_EQ(seen(narrow, "?action=some.change"), text_set{"eu"});
}

TEST_F(AuditSight, OfATokenForSupportLeavesOutWhatItsMakerDidOtherwise) {
  write_line("keys", world.chief.id.text());
  const auto token = world.token_of(admin_role::support);
  EXPECT_TRUE(seen(token, "?action=some.change").empty());
  ASSERT_EQ(world.act(token, "users", R"({"name":"Ada"})").status, 201);
  EXPECT_EQ(seen(token, "?action=user.create").size(), 1U);
}

TEST_F(AuditSight, OfATokenForOperationsHoldsNodesAndGateways) {
  write_line(object_of(id_kind::node));
  write_line(object_of(id_kind::gateway));
  write_line(object_of(id_kind::plan));
  const auto token =
      world.token_of(admin_role::support, {"audit:read", std::string(models::operations_scope)});
  EXPECT_EQ(seen(token, "?action=some.change"),
            (text_set{object_of(id_kind::node), object_of(id_kind::gateway)}));
}

TEST_F(AuditSight, PagesHoldEachVisibleLineOnceAndAreFull) {
  text_set visible;
  for (int i = 0; i < 5; ++i) {
    visible.insert("usr_" + std::to_string(i));
    write_line("usr_" + std::to_string(i));
    write_line("plan_" + std::to_string(i));
  }
  const auto token = world.token_of(admin_role::support);
  text_set found;
  std::string place;
  for (const std::size_t expected : {2U, 2U, 1U}) {
    const auto page = seen(token, "?action=some.change&page_size=2" + place);
    EXPECT_EQ(page.size(), expected);
    found.insert(page.begin(), page.end());
    place = "&page_token=" + next_page;
  }
  EXPECT_TRUE(next_page.empty());
  EXPECT_EQ(found, visible);
}

TEST_F(AuditSight, ObjectThatIsNotVisibleIsNotFoundByItsName) {
  write_line("plan_0");
  EXPECT_TRUE(seen(world.token_of(admin_role::support), "?object=plan_0").empty());
  EXPECT_EQ(seen(world.token_of(admin_role::read_only), "?object=plan_0").size(), 1U);
}

TEST_F(AuditSight, PageJudgesSoManyLinesAndNamesTheNext) {
  write_line("usr_early");
  for (int i = 0; i < 9; ++i) {
    write_line("keys");
  }
  write_line("usr_late");
  models::audit_filter wanted{.action = "some.change", .size = 2};
  wanted.sight = models::audit_sight{.actor = "adm_reader", .kinds = {id_kind::user}};
  wanted.judged_most = 3;
  std::vector<std::string> objects;
  std::size_t pages = 0;
  for (bool more = true; more && pages < 9; ++pages) {
    const auto page = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.audit_chain.newest(wanted);
    });
    ASSERT_TRUE(page);
    for (const auto& each : page->items) {
      objects.push_back(each.object);
    }
    more = page->more;
    if (more) {
      wanted.below = page->looked_to.empty() ? page->items.back().seq : std::stoll(page->looked_to);
    }
  }
  EXPECT_EQ(objects, (std::vector<std::string>{"usr_late", "usr_early"}));
  EXPECT_EQ(pages, 4U);
}

TEST_F(AuditSight, NextPageBeginsBehindWhatWasJudged) {
  write_line("usr_early");
  for (std::uint32_t i = 0; i < models::audit_lines_judged_a_page; ++i) {
    write_line("keys");
  }
  const auto token = world.token_of(admin_role::support);
  EXPECT_EQ(seen(token, "?action=some.change"), text_set{});
  ASSERT_FALSE(next_page.empty());
  EXPECT_EQ(seen(token, "?action=some.change&page_token=" + next_page), text_set{"usr_early"});
  EXPECT_TRUE(next_page.empty());
}

TEST_F(AuditSight, MomentsHoldWhereClocksDiffer) {
  const auto begin = world.clock.system_now();
  write_line("first");
  world.clock.advance(std::chrono::hours(3));
  write_line("second");
  world.clock.advance(-std::chrono::minutes(30));
  write_line("of a slow clock");
  world.clock.advance(std::chrono::hours(3));
  write_line("third");
  const auto between = [&](std::chrono::minutes since, std::chrono::minutes until) {
    const models::audit_filter wanted{
        .action = "some.change", .since = begin + since, .until = begin + until};
    const auto page = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.audit_chain.newest(wanted);
    });
    text_set objects;
    for (const auto& each : page.value().items) {
      objects.insert(each.object);
    }
    return objects;
  };
  using std::chrono::minutes;
  EXPECT_EQ(between(minutes(0), minutes(180)), (text_set{"first", "of a slow clock"}));
  EXPECT_EQ(between(minutes(160), minutes(400)), (text_set{"second", "third"}));
  EXPECT_EQ(between(minutes(150), minutes(181)), (text_set{"second", "of a slow clock"}));
  EXPECT_EQ(between(minutes(400), minutes(500)), text_set{});
}

}
}
