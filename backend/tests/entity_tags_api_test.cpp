#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/api_world.hpp"

namespace httvps::backend::api {
namespace {

using models::admin_role;
using test_support::api_reply;
using test_support::api_world;

class EntityTagsApi : public ::testing::Test {
 protected:
  std::string path() const { return "/api/v1/admin/users/" + user.id.text(); }
  api_reply get(const net::http_fields& headers = {}) const {
    return world.call({.target = path(), .token = world.chief_token, .headers = headers});
  }
  api_reply patch(const std::string& body, const net::http_fields& headers = {}) const {
    return world.call({.method = "PATCH",
                       .target = path(),
                       .token = world.chief_token,
                       .body = body,
                       .headers = headers});
  }
  std::size_t lines() const {
    return world.audit.newest({.object = user.id.text(), .size = 100}).value().items.size();
  }

  api_world world;
  models::user user = world.add_user("ada");
};

TEST_F(EntityTagsApi, GetShowsATagAndAnswers304WhileNothingDiffers) {
  const auto first = get();
  ASSERT_EQ(first.status, 200) << first.body;
  const auto tag = first.header("ETag");
  EXPECT_GT(tag.size(), 30U);
  EXPECT_EQ(first.header("Cache-Control"), "private, no-cache");
  const auto known = get({{"If-None-Match", tag}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.header("ETag"), tag);
  EXPECT_TRUE(known.body.empty());
  EXPECT_EQ(get({{"If-None-Match", "\"other\", W/" + tag}}).status, 304);
  EXPECT_EQ(get({{"If-None-Match", "*"}}).status, 304);
  EXPECT_EQ(get({{"If-None-Match", "\"other\""}}).status, 200);
  EXPECT_EQ(get({{"If-None-Match", "other"}}).code(), "precondition_invalid");
  ASSERT_EQ(patch(R"({"note":"n"})").status, 200);
  EXPECT_EQ(get({{"If-None-Match", tag}}).status, 200);
}

TEST_F(EntityTagsApi, PatchChangesWhatItNamesAndNothingElse) {
  ASSERT_EQ(patch(R"({"email":"ada@example.org","note":"first"})").status, 200);
  const auto renamed =
      patch(R"({"name":"Ada L","email":null})", {{"Content-Type", "application/merge-patch+json"}});
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_EQ(renamed.text("name"), "Ada L");
  EXPECT_EQ(renamed.text("note"), "first");
  EXPECT_NE(renamed.body.find("\"email\":null"), std::string::npos);
  EXPECT_EQ(renamed.header("ETag"), get().header("ETag"));
}

TEST_F(EntityTagsApi, EmptyPatchChangesNothingAndLeavesNoLine) {
  const auto before = get().header("ETag");
  const auto count = lines();
  const auto answered = patch("{}");
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.header("ETag"), before);
  ASSERT_EQ(patch(R"({"name":"ada"})").status, 200);
  EXPECT_EQ(lines(), count);
  ASSERT_EQ(patch(R"({"name":"eve"})").status, 200);
  EXPECT_EQ(lines(), count + 1);
}

TEST_F(EntityTagsApi, StaleTagIsRefusedAndChangesNothing) {
  const auto tag = get().header("ETag");
  ASSERT_EQ(patch(R"({"note":"by the first"})", {{"If-Match", tag}}).status, 200);
  const auto refused = patch(R"({"note":"by the second"})", {{"If-Match", tag}});
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.code(), "precondition_failed");
  EXPECT_EQ(patch("{}", {{"If-Match", tag}}).status, 412);
  EXPECT_EQ(get().text("note"), "by the first");
  EXPECT_EQ(patch(R"({"note":"n"})", {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(patch(R"({"note":"n"})", {{"If-Match", "nonsense"}}).status, 400);
}

TEST_F(EntityTagsApi, ActionsCompareTheTagToo) {
  const auto tag = get().header("ETag");
  const auto act = [&](const std::string& sent) {
    return world.call({.method = "POST",
                       .target = path() + ":suspend",
                       .token = world.chief_token,
                       .headers = {{"If-Match", sent}}});
  };
  EXPECT_EQ(act("\"other\"").status, 412);
  EXPECT_EQ(get().text("state"), "active");
  const auto done = act(tag);
  EXPECT_EQ(done.text("state"), "suspended");
  EXPECT_EQ(done.header("ETag"), get().header("ETag"));
  EXPECT_EQ(act(tag).status, 412);
}

TEST_F(EntityTagsApi, OfTwoPatchesAtOnceWithTheSameTagOneIsRefused) {
  for (int round = 0; round < 5; ++round) {
    const auto tag = get().header("ETag");
    std::atomic<int> done = 0;
    std::atomic<int> refused = 0;
    const auto change = [&](const std::string& note) {
      const auto reply = patch("{\"note\":\"" + note + "\"}", {{"If-Match", tag}});
      done += reply.status == 200 ? 1 : 0;
      refused += reply.status == 412 ? 1 : 0;
    };
    {
      const std::jthread one([&] { change("a" + std::to_string(round)); });
      const std::jthread other([&] { change("b" + std::to_string(round)); });
    }
    EXPECT_EQ(done, 1);
    EXPECT_EQ(refused, 1);
  }
}

TEST_F(EntityTagsApi, BadFieldsOfAPatchAreNamed) {
  const auto reply = patch(R"({"name":null,"email":"no","colour":1})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_NE(reply.body.find(R"("pointer":"/name","code":"not_removable")"), std::string::npos)
      << reply.body;
  EXPECT_NE(reply.body.find(R"("pointer":"/email")"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("pointer":"/colour","code":"unknown_field")"), std::string::npos);
  EXPECT_EQ(patch("{}", {{"Content-Type", "text/xml"}}).code(), "unsupported_media_type");
  EXPECT_EQ(world.call({.target = "/api/v1/admin/users/usr_0", .token = world.chief_token}).code(),
            "user_not_found");
}

TEST_F(EntityTagsApi, SupportChangesTheNoteOfAUserAlone) {
  const auto support = world.token_of(admin_role::support);
  const auto change = [&](const std::string& body) {
    return world.call({.method = "PATCH", .target = path(), .token = support, .body = body});
  };
  EXPECT_EQ(change(R"({"note":"called"})").status, 200);
  EXPECT_EQ(change(R"({"name":"eve"})").code(), "role_denied");
  EXPECT_EQ(change(R"({"email":null})").code(), "role_denied");
  EXPECT_EQ(get().text("name"), "ada");
}

TEST_F(EntityTagsApi, NameOfAnotherUserIsRefused) {
  world.add_user("eve");
  EXPECT_EQ(patch(R"({"name":"eve"})").code(), "already_exists");
  EXPECT_EQ(get().text("name"), "ada");
}

TEST_F(EntityTagsApi, AccountsAndTokensHaveThemToo) {
  const auto made = world.admin_tokens.create(world.chief, {.name = "ci"}).value();
  const auto target = "/api/v1/admin/tokens/" + made.token.id.text();
  const auto tag = world.call({.target = target, .token = world.chief_token}).header("ETag");
  const auto rename = [&](const std::string& body) {
    return world.call({.method = "PATCH",
                       .target = target,
                       .token = world.chief_token,
                       .body = body,
                       .headers = {{"If-Match", tag}}});
  };
  EXPECT_EQ(rename("{}").status, 200);
  EXPECT_EQ(rename(R"({"name":"robot"})").text("name"), "robot");
  EXPECT_EQ(rename(R"({"name":"other"})").status, 412);
}

}
}
