#include "route.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

route_table sample_table() {
  route_table table;
  table.add({.method = "GET", .pattern = "/things"});
  table.add({.method = "POST", .pattern = "/things"});
  table.add({.method = "GET", .pattern = "/things/{id}"});
  table.add({.method = "POST", .pattern = "/things/{id}:open"});
  table.add({.method = "POST", .pattern = "/things/{id}/parts"});
  return table;
}

std::string matched(std::string_view method, std::string_view path) {
  const auto table = sample_table();
  const auto match = table.find(method, path);
  return match.found == nullptr ? match.allowed : match.found->pattern + " " + match.id;
}

TEST(RouteTable, FindsPlainPathsIdsAndActions) {
  EXPECT_EQ(matched("GET", "/things"), "/things ");
  EXPECT_EQ(matched("GET", "/things/a1"), "/things/{id} a1");
  EXPECT_EQ(matched("POST", "/things/a1:open"), "/things/{id}:open a1");
  EXPECT_EQ(matched("POST", "/things/a1/parts"), "/things/{id}/parts a1");
}

TEST(RouteTable, NamesTheAllowedMethods) {
  EXPECT_EQ(matched("DELETE", "/things"), "GET, HEAD, POST");
  EXPECT_EQ(matched("GET", "/things/a1:open"), "POST");
}

TEST(RouteTable, RefusesAnAdminRouteWithoutARoleAndARoleElsewhere) {
  route_table table;
  EXPECT_THROW(table.add({.method = "GET", .pattern = "/api/v1/admin/things"}), std::logic_error);
  EXPECT_THROW(table.add({.pattern = "/api/v1/admin/things", .wanted = access::gateway}),
               std::logic_error);
  EXPECT_THROW(table.add({.pattern = "/things", .wanted = access::admin}), std::logic_error);
  EXPECT_NO_THROW(table.add({.pattern = "/api/v1/admin/things", .wanted = access::read_only}));
  EXPECT_EQ(table.routes().size(), 1U);
}

TEST(RouteTable, ScopeOfAnAdminRouteIsItsResourceAndVerb) {
  const auto scope = [](std::string method, std::string pattern) {
    return scope_of(
        {.method = std::move(method), .pattern = std::move(pattern), .wanted = access::support});
  };
  EXPECT_EQ(scope("GET", "/api/v1/admin/users"), "users:read");
  EXPECT_EQ(scope("POST", "/api/v1/admin/users/{id}/links"), "users:write");
  EXPECT_EQ(scope("DELETE", "/api/v1/admin/nodes/{id}"), "nodes:write");
  EXPECT_EQ(scope("GET", "/api/v1/admin/audit:export"), "audit:read");
  EXPECT_EQ(scope("POST", "/api/v1/admin/me:password"), "");
}

TEST(RouteTable, FindsNothingElse) {
  for (const auto* path : {"/", "/thing", "/things/", "/things/a/b", "/things/:open", "things"}) {
    EXPECT_EQ(matched("GET", path), "") << path;
  }
}

TEST(Target, IsSplitAndDecoded) {
  const auto target = split_target("/a?x=1&y=%20b%26");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a");
  EXPECT_EQ(target->query, (query_values{{"x", "1"}, {"y", " b&"}}));
}

TEST(Target, RefusesWhatIsNotWellFormed) {
  const std::string many = "/?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1";
  for (const auto& target : {std::string(), std::string("a"), std::string("/?x"),
                             std::string("/?=1"), std::string("/?x=%"), std::string("/?x=%ff"),
                             std::string("/?x=1&x=2"), many, std::string(3000, '/')}) {
    EXPECT_FALSE(split_target(target)) << target;
  }
}

RC_GTEST_PROP(TargetProperty, AnyTextIsSplitOrRefused, (const std::string& text)) {
  const auto target = split_target("/" + text);
  RC_ASSERT((target.has_value() || target.error().status == 400));
}

struct sample_query {
  static constexpr std::string_view schema_name = "SampleQuery";

  std::optional<schemas::small_count> count;
  std::optional<schemas::display_name> name;
};
BOOST_DESCRIBE_STRUCT(sample_query, (), (count, name))

TEST(Query, ReadsNumbersAndTextByTheirDeclaration) {
  const auto query = read_query<sample_query>({{"count", "12"}, {"name", "34"}});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->count->value, 12);
  EXPECT_EQ(query->name->value, "34");
  EXPECT_FALSE(read_query<sample_query>({})->count);
}

TEST(Query, RefusesUnknownNamesAndWrongNumbers) {
  for (const auto& values : {query_values{{"count", "x"}}, query_values{{"count", "0"}},
                             query_values{{"count", "1.5"}}, query_values{{"other", "1"}}}) {
    const auto query = read_query<sample_query>(values);
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().code, "invalid_request");
    EXPECT_EQ(query.error().status, 422);
  }
}

}
}
