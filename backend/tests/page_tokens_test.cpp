#include <gtest/gtest.h>

#include "support/api_callers.hpp"

namespace httvps::backend {
namespace {

using test_support::api_callers;
using test_support::api_document;
using test_support::api_operation;
using test_support::api_reply;
using test_support::api_world;

class PageTokens : public ::testing::Test {
 protected:
  api_reply users(const std::string& query) const {
    return world.call({.target = "/api/v1/admin/users" + query, .token = world.chief_token});
  }

  api_world world;
  api_document document{world.api.openapi()};
};

TEST_F(PageTokens, OfOneListIsRefusedByEveryOther) {
  world.add_user("zadie");
  world.add_user("zoe");
  const auto token = users("?page_size=1").text("next_page_token");
  ASSERT_FALSE(token.empty());
  api_callers callers(world);
  std::size_t tried = 0;
  for (const auto& one : document.operations()) {
    if (one.method != "GET" || one.parameter("query", "page_token") == nullptr ||
        one.path == "/api/v1/admin/users") {
      continue;
    }
    const auto reply =
        callers.call(one, {.query = document.needed_query_of(one, "page_token=" + token)});
    EXPECT_EQ(reply.code(), "page_token_invalid") << one.label() << ": " << reply.body;
    ++tried;
  }
  EXPECT_GE(tried, 12U);
}

TEST_F(PageTokens, HoldForTheFiltersThatTheyWereGivenFor) {
  for (const auto* name : {"ada", "adam", "adele"}) {
    world.add_user(name);
  }
  const auto token = users("?name_prefix=ad&page_size=1").text("next_page_token");
  ASSERT_FALSE(token.empty());
  const auto next = users("?page_token=" + token + "&page_size=2&name_prefix=ad");
  EXPECT_EQ(next.status, 200) << next.body;
  EXPECT_NE(next.body.find("\"id\""), std::string::npos);
  EXPECT_EQ(users("?name_prefix=a&page_token=" + token).code(), "page_token_invalid");
  EXPECT_EQ(users("?page_token=" + token).code(), "page_token_invalid");
}

}
}
