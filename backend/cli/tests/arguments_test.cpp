#include "arguments.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace httvps::ctl {
namespace {

field make_field(std::string name, value_kind kind) {
  return {.name = name, .flag = flag_name(name), .description = {}, .format = {}, .kind = kind};
}

operation make_operation() {
  operation one{
      .id = "x",
      .method = "POST",
      .path = "/api/v1/admin/users/{id}/links/{code}:send",
      .summary = {},
      .role = {},
      .path_names = {"id", "code"},
      .query = {},
      .body = {make_field("name", value_kind::text), make_field("most_uses", value_kind::whole),
               make_field("is_open", value_kind::flag)}};
  one.body[0].is_required = true;
  one.body[1].is_nullable = true;
  one.body[1].least = 1;
  one.body[1].most = 9;
  return one;
}

given_values given(std::map<std::string, std::vector<std::string>, std::less<>> flags) {
  return {.names = {}, .flags = std::move(flags), .unset = {}, .data = {}, .if_match = {}};
}

exit_code code_of(const given_values& values) {
  const auto body = to_body(make_operation(), values);
  return body ? exit_code::done : body.error().code;
}

TEST(CtlArguments, FlagsBecomeTypedMembers) {
  const auto body = to_body(make_operation(),
                            given({{"name", {"7"}}, {"most-uses", {"7"}}, {"is-open", {"true"}}}));
  ASSERT_TRUE(body);
  EXPECT_EQ(json::serialize(*body), R"({"name":"7","most_uses":7,"is_open":true})");
}

TEST(CtlArguments, WhatDoesNotFitIsWrongUsage) {
  EXPECT_EQ(code_of(given({})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"a"}}, {"most-uses", {"x"}}})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"a"}}, {"most-uses", {"0"}}})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"a"}}, {"most-uses", {"10"}}})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"a"}}, {"is-open", {"yes"}}})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"\xff"}}})), exit_code::wrong_usage);
  EXPECT_EQ(code_of(given({{"name", {"a"}}, {"most-uses", {"9"}}})), exit_code::done);
}

TEST(CtlArguments, FlagsWinOverDataAndUnsetSendsNull) {
  auto values = given({{"name", {"flag"}}});
  values.data = parse_data(R"({"name":"data","nested":{"a":1}})").value();
  values.unset = {"most-uses"};
  const auto body = to_body(make_operation(), values);
  ASSERT_TRUE(body);
  EXPECT_EQ(json::serialize(*body), R"({"name":"flag","nested":{"a":1},"most_uses":null})");
  values.unset = {"name"};
  EXPECT_FALSE(to_body(make_operation(), values));
}

TEST(CtlArguments, DataMustBeAnObject) {
  EXPECT_FALSE(parse_data("[1]"));
  EXPECT_FALSE(parse_data("{"));
  EXPECT_TRUE(parse_data("{}"));
}

TEST(CtlArguments, NamesAndQueryAreEncoded) {
  EXPECT_EQ(to_target(make_operation(), {"a/b?", "c d"}, {{.name = "q", .value = "&="}}),
            "/api/v1/admin/users/a%2Fb%3F/links/c%20d:send?q=%26%3D");
}

}
}
