#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using test_support::chosen_password;
using test_support::login_world;

class AuditApi : public ::testing::Test {
 protected:
  boost::json::array lines(const std::string& query = {}) {
    const auto reply = world.ask(world.chief_token, "audit" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return boost::json::parse(reply.body).at("items").as_array();
  }
  void add_user(const std::string& name) {
    ASSERT_EQ(world.act(world.chief_token, "users", R"({"name":")" + name + R"("})").status, 201);
  }

  login_world world;
};

TEST_F(AuditApi, LineTellsWhoFromWhereWhatAndTheStateAfter) {
  add_user("Ada");
  const auto line = lines().at(0).as_object();
  EXPECT_EQ(line.at("actor").as_string(), world.chief.id.text());
  EXPECT_EQ(line.at("actor_name").as_string(), "token file");
  EXPECT_EQ(line.at("address").as_string(), "192.0.2.9");
  EXPECT_EQ(line.at("request_id").as_string(), "request-1");
  EXPECT_EQ(line.at("action").as_string(), "user.create");
  EXPECT_TRUE(line.at("before").is_null());
  EXPECT_EQ(line.at("after").at("name").as_string(), "Ada");
}

TEST_F(AuditApi, ChangeTellsTheStateBeforeAndAfter) {
  const auto account = world.add_account();
  world.call({.method = "PATCH",
              .target = "/api/v1/admin/admins/" + account.id.text(),
              .token = world.chief_token,
              .body = R"({"role":"read_only","password":"another password"})"});
  const auto line = lines().at(0).as_object();
  EXPECT_EQ(line.at("before").at("role").as_string(), "support");
  EXPECT_EQ(line.at("after").at("role").as_string(), "read_only");
  EXPECT_EQ(line.at("detail").as_string(), "password");
}

TEST_F(AuditApi, NoSecretIsEverInIt) {
  const auto account = world.add_account();
  const auto session = world.session_of();
  const auto secret = world.act(session, "me/totp").text("secret");
  const auto code = R"({"code":")" + world.totp_code_of(account.id) + R"("})";
  const auto recovery = world.act(session, "me/totp:confirm", code).body;
  const auto token = world.token_of(models::admin_role::admin);
  world.add_node();
  const auto hash = world.stored(account.id).password_hash;
  const auto sealed = world.stored(account.id).totp_sealed;
  const auto all = world.ask(world.chief_token, "audit:export").body;
  EXPECT_NE(all.find("[redacted]"), std::string::npos);
  for (const auto& planted : {std::string(chosen_password), session, secret, token, hash, sealed,
                              std::string(test_support::node_password), std::string("argon2"),
                              std::string("ss://"), recovery.substr(20, 19)}) {
    ASSERT_FALSE(planted.empty());
    EXPECT_EQ(all.find(planted), std::string::npos) << planted;
  }
}

TEST_F(AuditApi, IsPagedNewestFirstAndFiltered) {
  for (const auto* name : {"a", "b", "c"}) {
    add_user(name);
  }
  const auto first = world.ask(world.chief_token, "audit?page_size=2");
  const auto token = first.text("next_page_token");
  const auto second = lines("?page_size=2&page_token=" + token);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].at("after").at("name").as_string(), "a");
  world.add_plan();
  EXPECT_EQ(lines("?action=plan.create").size(), 1U);
  EXPECT_EQ(lines("?action=user.create").size(), 3U);
  EXPECT_EQ(lines("?actor=" + world.chief.id.text()).size(), 3U);
  EXPECT_EQ(lines("?actor=adm_nobody").size(), 0U);
  const std::string object(second[0].at("object").as_string());
  EXPECT_EQ(lines("?object=" + object).size(), 1U);
  EXPECT_EQ(lines("?until=2027-01-15T08:00:00Z").size(), 0U);
  EXPECT_EQ(lines("?since=2027-01-15T08:00:00Z").size(), 4U);
  EXPECT_EQ(world.ask(world.chief_token, "audit?page_token=eHg").code(), "page_token_invalid");
}

TEST_F(AuditApi, ExportIsJsonLinesThatGoOnAfterALine) {
  add_user("a");
  add_user("b");
  const auto all = world.ask(world.chief_token, "audit:export").body;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2);
  const auto rest = world.ask(world.chief_token, "audit:export?after=1").body;
  EXPECT_EQ(boost::json::parse(rest).at("seq").as_int64(), 2);
  EXPECT_TRUE(all.ends_with(rest));
  EXPECT_TRUE(world.ask(world.chief_token, "audit:export?after=2").body.empty());
}

TEST_F(AuditApi, LoginsAreInIt) {
  world.add_account();
  world.act(world.session_of(), "logout");
  const auto found = lines();
  EXPECT_EQ(found.at(0).at("action").as_string(), "session.close");
  EXPECT_EQ(found.at(1).at("action").as_string(), "session.open");
  EXPECT_EQ(found.at(1).at("address").as_string(), "192.0.2.9");
}

}
}
