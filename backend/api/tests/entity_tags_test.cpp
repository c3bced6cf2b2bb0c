#include "entity_tags.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "httvps/backend/schemas/account_documents.hpp"
#include "openapi.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

net::http_request request_with(std::string value, std::string name = "If-Match") {
  net::http_request request{.method = "PATCH"};
  request.headers.add(std::move(name), std::move(value));
  return request;
}

answer<std::optional<sent_tags>> tags_in(std::string value) {
  return read_tags(request_with(std::move(value)), "If-Match");
}

bool is_malformed(std::string value) {
  const auto tags = tags_in(std::move(value));
  return !tags && tags.error().status == 400 && tags.error().code == "precondition_invalid";
}

std::string many_tags(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    list.append(list.empty() ? "" : ", ").append("\"t").append(std::to_string(i)).append("\"");
  }
  return list;
}

TEST(EntityTags, AreReadFromListsStarsAndSeveralFields) {
  EXPECT_FALSE(read_tags(net::http_request{}, "If-Match").value());
  EXPECT_TRUE(tags_in(" * ").value()->any);
  const auto two = tags_in("\"a\" ,\tW/\"b.c\"").value();
  ASSERT_EQ(two->listed.size(), 2U);
  EXPECT_EQ(two->listed[0].text, "a");
  EXPECT_EQ(two->listed[0].fit_for, tag_comparison::strong);
  EXPECT_EQ(two->listed[1].text, "b.c");
  EXPECT_EQ(two->listed[1].fit_for, tag_comparison::weak);
  auto request = request_with("\"a\"");
  request.headers.add("if-match", "\"b\"");
  EXPECT_EQ(read_tags(request, "If-Match").value()->listed.size(), 2U);
  EXPECT_EQ(tags_in(many_tags(32)).value()->listed.size(), 32U);
}

TEST(EntityTags, MalformedOnesAreRefused) {
  for (const auto* text : {"", " ", "a", "\"a", "a\"", "\"a\" \"b\"", "*,\"a\"", "w/\"a\"",
                           "\"a b\"", "\"a\",,\"b\"", "\"a\",", "'a'"}) {
    EXPECT_TRUE(is_malformed(text)) << text;
  }
  EXPECT_TRUE(is_malformed(many_tags(33)));
}

TEST(EntityTags, ConditionTakesTheEntityPartOfStrongTags) {
  const services::entity_tag present{.text = "abc"};
  EXPECT_TRUE(tags_in("*").value()->condition().admits(present));
  EXPECT_TRUE(tags_in("\"abc.view1\"").value()->condition().admits(present));
  EXPECT_TRUE(tags_in("\"x\", \"abc.view2\"").value()->condition().admits(present));
  EXPECT_FALSE(tags_in("W/\"abc.view1\"").value()->condition().admits(present));
  EXPECT_FALSE(tags_in("\"ab.view1\"").value()->condition().admits(present));
  EXPECT_TRUE(services::entity_condition().admits(present));
}

TEST(EntityTags, HeaderDiffersWithEntityAndWithRepresentation) {
  const auto header = entity_tag_header({.text = "abc"}, "{}");
  EXPECT_TRUE(header.starts_with("\"abc."));
  EXPECT_TRUE(header.ends_with("\""));
  EXPECT_NE(header, entity_tag_header({.text = "abc"}, "{ }"));
  EXPECT_NE(header, entity_tag_header({.text = "abd"}, "{}"));
}

TEST(EntityTags, PatchTakesTwoMediaTypes) {
  for (const auto* type :
       {"application/json", "application/merge-patch+json", "Application/JSON; charset=utf-8"}) {
    EXPECT_TRUE(require_patch_type(request_with(type, "Content-Type"))) << type;
  }
  EXPECT_TRUE(require_patch_type(net::http_request{}));
  const auto refused = require_patch_type(request_with("text/plain", "Content-Type"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 415);
}

using tagged_user = tagged<schemas::user_view>;

route_table tagged_table() {
  const auto nothing = [](call&) -> answer<tagged_user> {
    return std::unexpected(problems::server_busy());
  };
  route_table table;
  table.add(without_body<tagged_user>({.method = "GET", .pattern = "/things/{id}"}, nothing));
  table.add(without_body<tagged_user>({.method = "POST", .pattern = "/things/{id}:open"}, nothing));
  table.add(with_patch<schemas::user_change_request, tagged_user>(
      {.pattern = "/things/{id}"},
      [](call&, const schemas::user_change_request&) -> answer<tagged_user> {
        return std::unexpected(problems::server_busy());
      }));
  table.add(removal({.pattern = "/things/{id}", .tags = tag_rule::demanded},
                    [](call&) -> answer<void> { return {}; }));
  return table;
}

TEST(EntityTags, RoutesDeclareThemForOpenapi) {
  const auto document = boost::json::parse(openapi_document(tagged_table()));
  const auto& one = document.at("paths").at("/things/{id}");
  EXPECT_EQ(one.at("get").at("parameters").at(1).at("name").as_string(), "If-None-Match");
  EXPECT_TRUE(one.at("get").at("responses").as_object().contains("304"));
  EXPECT_TRUE(one.at("get").at("responses").at("200").at("headers").as_object().contains("ETag"));
  EXPECT_EQ(one.at("patch").at("parameters").at(1).at("name").as_string(), "If-Match");
  EXPECT_FALSE(one.at("patch").at("parameters").at(1).at("required").as_bool());
  EXPECT_TRUE(one.at("patch").at("responses").as_object().contains("412"));
  EXPECT_FALSE(one.at("patch").at("responses").as_object().contains("428"));
  const auto& body = one.at("patch").at("requestBody").at("content").as_object();
  EXPECT_TRUE(body.contains("application/merge-patch+json"));
  EXPECT_TRUE(body.contains("application/json"));
  const auto& removal = one.at("delete");
  EXPECT_TRUE(removal.at("parameters").at(1).at("required").as_bool());
  EXPECT_TRUE(removal.at("responses").as_object().contains("428"));
  EXPECT_FALSE(removal.at("responses").at("204").as_object().contains("content"));
}

TEST(EntityTags, DemandedConditionIsMissedBeforeAnythingIsDone) {
  const auto table = tagged_table();
  const net::http_request request{.method = "DELETE"};
  call made{.request = request, .path = {}, .id = {}, .query = {}};
  const auto refused = note_condition(*table.find("DELETE", "/things/x").found, made);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 428);
  EXPECT_TRUE(note_condition(*table.find("PATCH", "/things/x").found, made));
}

}
}
