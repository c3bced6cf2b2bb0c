#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <regex>

#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_world;

class DocsPage : public ::testing::Test {
 protected:
  api_world world;
  test_support::api_reply page = world.call({.target = "/docs"});
};

TEST_F(DocsPage, HasEveryOperationOfTheRouterWithItsRole) {
  ASSERT_EQ(page.status, 200);
  const auto routes = world.api.routes();
  ASSERT_GT(routes.size(), 40U);
  for (const auto& one : routes) {
    EXPECT_NE(page.body.find("<details id=\"" + one.operation + "\""), std::string::npos)
        << one.operation;
    EXPECT_NE(page.body.find("<code>" + one.pattern + "</code>"), std::string::npos) << one.pattern;
  }
}

TEST_F(DocsPage, LoadsNothingFromElsewhereAndRunsNothingInline) {
  const auto style = world.call({.target = "/docs/page.css"});
  const auto script = world.call({.target = "/docs/page.js"});
  EXPECT_EQ(style.header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(script.header("Content-Type"), "text/javascript; charset=utf-8");
  for (const auto& text : {page.body, style.body, script.body}) {
    EXPECT_EQ(text.find("://"), std::string::npos);
    EXPECT_EQ(text.find("style="), std::string::npos);
  }
  const std::regex inline_script("<script>|<style|\\son[a-z]+=|javascript:");
  EXPECT_FALSE(std::regex_search(page.body, inline_script));
  EXPECT_TRUE(page.header("Content-Security-Policy").starts_with("default-src 'none'; "));
  EXPECT_EQ(page.header("Content-Security-Policy").find("unsafe"), std::string::npos);
}

TEST_F(DocsPage, EveryLinkLeadsSomewhere) {
  const std::regex link("href=\"#([^\"]+)\"");
  for (std::sregex_iterator at(page.body.begin(), page.body.end(), link), end; at != end; ++at) {
    EXPECT_NE(page.body.find("id=\"" + (*at)[1].str() + "\""), std::string::npos) << (*at)[1].str();
  }
}

TEST(OpenapiDocument, ListsExactlyTheOperationsOfTheRouter) {
  const api_world world;
  const auto document = boost::json::parse(world.api.openapi()).as_object();
  std::set<std::string> described;
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      described.insert(std::string(method.value().at("operationId").as_string()));
      EXPECT_EQ(method.value().at("tags").as_array().size(), 1U);
      EXPECT_FALSE(method.value().at("responses").as_object().contains("default"));
    }
  }
  std::set<std::string> routed;
  for (const auto& one : world.api.routes()) {
    EXPECT_TRUE(routed.insert(one.operation).second) << one.operation;
  }
  EXPECT_EQ(described, routed);
}

}
}
