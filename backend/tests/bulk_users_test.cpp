#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;
using test_support::api_reply;
using test_support::life_world;

class BulkUsers : public testing::Test {
 protected:
  static std::string body_of(const std::vector<std::string>& names) {
    json::array users;
    for (const auto& name : names) {
      users.push_back(json::object{{"name", name}, {"email", name + "@example.com"}});
    }
    return json::serialize(json::object{{"users", std::move(users)}});
  }
  api_reply add(const std::vector<std::string>& names, const std::string& key = {}) const {
    net::http_fields headers;
    if (!key.empty()) {
      headers.add("Idempotency-Key", key);
    }
    return world.call({.method = "POST",
                       .target = "/api/v1/admin/bulk/users",
                       .token = world.chief_token,
                       .body = body_of(names),
                       .headers = std::move(headers)});
  }
  static json::array results_of(const api_reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    return json::parse(reply.body).as_object().at("results").as_array();
  }
  std::size_t count_users() const {
    return world.accounts
        .users({.state = {}, .name_prefix = "", .wanted = {.after = "", .size = 1000}})
        ->items.size();
  }

  life_world world;
};

TEST_F(BulkUsers, EachRowHasItsOwnResultInOrder) {
  world.add_user("bea");
  const auto reply = add({"ada", "bea", "cid", "ada"});
  const auto results = results_of(reply);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(json::parse(reply.body).as_object().at("created").to_number<int>(), 2);
  EXPECT_EQ(results[1].at("code").as_string(), "already_exists");
  EXPECT_EQ(results[3].at("code").as_string(), "already_exists");
  for (const auto place : {0U, 2U}) {
    const auto made = world.get("users/" + std::string(results[place].at("id").as_string()));
    EXPECT_EQ(made.text("name"), place == 0 ? "ada" : "cid");
    EXPECT_EQ(made.text("email"), made.text("name") + "@example.com");
  }
  EXPECT_EQ(count_users(), 3U);
}

TEST_F(BulkUsers, EachUserThatWasAddedHasAnAuditLine) {
  ASSERT_EQ(add({"ada", "bea"}).status, 200);
  const auto lines = world.audit.newest({.action = "user.create", .size = 10}).value().items;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].object, lines[1].object);
  EXPECT_NE(lines[0].after.find("bea"), std::string::npos);
}

TEST_F(BulkUsers, NameOfADeletedUserIsFree) {
  const auto gone = world.add_user("ada");
  ASSERT_TRUE(world.accounts.remove_user(world.chief, gone.id));
  EXPECT_TRUE(results_of(add({"ada"}))[0].at("id").is_string());
}

TEST_F(BulkUsers, OneBadRowIsNamedWithItsPlaceAndNothingIsAdded) {
  const auto refused = world.act("bulk/users", R"({"users":[{"name":"ada"},{"name":""}]})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find(R"("/users/1/name")"), std::string::npos) << refused.body;
  EXPECT_EQ(count_users(), 0U);
}

TEST_F(BulkUsers, TakesOneToAThousandAndTheAnswerOfAThousandIsKept) {
  EXPECT_EQ(world.act("bulk/users", R"({"users":[]})").status, 422);
  std::vector<std::string> names;
  for (int i = 0; i <= 1000; ++i) {
    names.push_back("user-" + std::to_string(i));
  }
  EXPECT_EQ(add(names).status, 422);
  names.pop_back();
  const auto first = add(names, "all-of-them");
  EXPECT_EQ(results_of(first).size(), 1000U);
  const auto again = add(names, "all-of-them");
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true") << again.body.substr(0, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(count_users(), 1000U);
}

TEST_F(BulkUsers, SupportMayAndTheScopeIsThatOfUsers) {
  const auto target = std::string("/api/v1/admin/bulk/users");
  const auto ask = [&](models::admin_role role, const std::vector<std::string>& scopes) {
    return world.call({.method = "POST",
                       .target = target,
                       .token = world.token_of(role, scopes),
                       .body = body_of({"ada"})});
  };
  EXPECT_EQ(ask(models::admin_role::read_only, {}).code(), "role_denied");
  EXPECT_EQ(ask(models::admin_role::support, {"plans:write"}).code(), "scope_denied");
  EXPECT_EQ(ask(models::admin_role::support, {"users:write"}).status, 200);
}

}
}
