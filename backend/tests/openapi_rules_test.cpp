#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "support/api_document.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_document;
using test_support::api_operation;
using test_support::api_world;

constexpr std::string_view admin_area = "/api/v1/admin/";
constexpr std::string_view login_path = "/api/v1/admin/login";
constexpr int refused_unread = 413;
constexpr std::pair<std::string_view, std::string_view> ids_of_areas[] = {
    {"/api/v1/admin/access-keys/", "key_"}, {"/api/v1/admin/admins/", "adm_"},
    {"/api/v1/admin/devices/", "dev_"},     {"/api/v1/admin/enrolment-tickets/", "tkt_"},
    {"/api/v1/admin/gateways/", "gw_"},     {"/api/v1/admin/join-tokens/", "jtk_"},
    {"/api/v1/admin/nodes/", "node_"},      {"/api/v1/admin/plans/", "plan_"},
    {"/api/v1/admin/regions/", ""},         {"/api/v1/admin/subscriptions/", "sub_"},
    {"/api/v1/admin/tokens/", "tok_"},      {"/api/v1/admin/users/", "usr_"},
    {"/api/v1/me/devices/", "dev_"}};

class OpenapiRules : public ::testing::Test {
 protected:
  static bool has_header(const boost::json::value& answer, const char* name) {
    const auto* headers = answer.as_object().if_contains("headers");
    return headers != nullptr && headers->as_object().contains(name);
  }
  const boost::json::value& response_of(const boost::json::value& answer) const {
    const auto* reference = answer.as_object().if_contains("$ref");
    if (reference == nullptr) {
      return answer;
    }
    const auto& path = reference->as_string();
    return document.content()
        .at("components")
        .at("responses")
        .at(path.subview(path.rfind('/') + 1));
  }
  static bool shows_tag(const api_operation& one) {
    const auto& all = one.terms.at("responses").as_object();
    return std::ranges::any_of(all,
                               [](const auto& each) { return has_header(each.value(), "ETag"); });
  }
  static void expect_answers(const api_operation& one, std::initializer_list<int> wanted,
                             std::string_view because) {
    for (const int status : wanted) {
      EXPECT_TRUE(one.answers(status))
          << one.label() << " must declare " << status << " " << because;
    }
  }

  static std::string id_in(std::string_view path) {
    for (const auto& [area, prefix] : ids_of_areas) {
      if (path.starts_with(area)) {
        return prefix.empty() ? "eu-north" : std::string(prefix) + std::string(26, '0');
      }
    }
    return "say in ids_of_areas what " + std::string(path) + " names";
  }

  api_world world;
  api_document document{world.api.openapi()};
};

TEST_F(OpenapiRules, EveryAdminOperationNamesItsRoleAndItsRefusals) {
  std::size_t seen = 0;
  for (const auto& one : document.operations()) {
    const bool is_admin = one.path.starts_with(admin_area) && one.path != login_path;
    EXPECT_EQ(one.is_admin(), is_admin)
        << one.label() << ": give the route an administrator's access level";
    if (is_admin) {
      expect_answers(one, {401, 403, 429}, "as a call with a credential and a rate");
      ++seen;
    }
  }
  EXPECT_GE(seen, 60U);
}

TEST_F(OpenapiRules, EveryPostOfAnAdministratorTakesAnIdempotencyKey) {
  std::size_t seen = 0;
  for (const auto& one : document.operations()) {
    const bool takes = one.parameter("header", "Idempotency-Key") != nullptr;
    EXPECT_EQ(takes, one.method == "POST" && one.is_admin())
        << one.label() << ": see takes_idempotency_key";
    if (takes) {
      expect_answers(one, {409, 422, 429}, "for reused and running keys");
      ++seen;
    }
  }
  EXPECT_GE(seen, 30U);
}

TEST_F(OpenapiRules, EveryListOfAnAdministratorIsPaged) {
  std::size_t seen = 0;
  for (const auto& one : document.operations()) {
    const auto* answer = document.answer_of(one);
    const auto* members = answer != nullptr ? answer->if_contains("properties") : nullptr;
    if (one.method != "GET" || !one.is_admin() || members == nullptr ||
        !members->as_object().contains("items")) {
      continue;
    }
    for (const auto* name : {"page_size", "page_token"}) {
      EXPECT_NE(one.parameter("query", name), nullptr)
          << one.label() << " is a list: its query needs " << name << " (page_query)";
    }
    EXPECT_TRUE(members->as_object().contains("next_page_token"))
        << one.label() << " is a list: its answer needs next_page_token";
    expect_answers(one, {400, 422}, "for bad page tokens and sizes");
    ++seen;
  }
  EXPECT_GE(seen, 10U);
}

TEST_F(OpenapiRules, EveryAnswerCarriesARequestId) {
  for (const auto& one : document.operations()) {
    for (const auto& answer : one.terms.at("responses").as_object()) {
      const bool is_unread = answer.key() == std::to_string(refused_unread);
      EXPECT_EQ(has_header(response_of(answer.value()), "X-Request-Id"), !is_unread)
          << one.label() << " " << answer.key();
    }
  }
}

TEST_F(OpenapiRules, ConditionsAndEntityTagsGoTogether) {
  std::size_t conditional = 0;
  for (const auto& one : document.operations()) {
    const auto* match = one.parameter("header", "If-Match");
    const bool is_shown = shows_tag(one);
    EXPECT_EQ(one.parameter("header", "If-None-Match") != nullptr, one.method == "GET" && is_shown)
        << one.label() << ": a GET takes If-None-Match when its answer has an ETag";
    EXPECT_EQ(match != nullptr, one.answers(412)) << one.label() << ": If-Match goes with 412";
    EXPECT_EQ(match != nullptr && match->at("required").as_bool(), one.answers(428))
        << one.label() << ": a necessary If-Match goes with 428";
    if (one.is_admin() && (one.method == "PATCH" || one.method == "DELETE")) {
      EXPECT_NE(match, nullptr) << one.label() << ": a change of one entity takes If-Match";
    }
    conditional += match != nullptr ? 1U : 0U;
  }
  EXPECT_GE(conditional, 25U);
}

TEST_F(OpenapiRules, EveryBodyHasItsRefusalsAndEveryFieldItsBounds) {
  for (const auto& one : document.operations()) {
    if (document.body_of(one) != nullptr) {
      expect_answers(one, {400, 413, 415, 422}, "as a call with a body");
    }
    expect_answers(one, {500}, "as every call");
  }
  for (const auto& component : document.content().at("components").at("schemas").as_object()) {
    const auto* members = component.value().as_object().if_contains("properties");
    if (members == nullptr) {
      continue;
    }
    for (const auto& member : members->as_object()) {
      const auto& schema = document.resolved(member.value());
      const auto* type = schema.if_contains("type");
      const auto name = std::string(component.key()) + "." + std::string(member.key());
      if (type == nullptr || schema.contains("enum")) {
        continue;
      }
      if (*type == "string") {
        EXPECT_TRUE(schema.contains("maxLength")) << name << " is a text without a bound";
      } else if (*type == "integer" || *type == "number") {
        EXPECT_TRUE(schema.contains("maximum")) << name << " is a number without a bound";
      } else if (*type == "array") {
        EXPECT_TRUE(schema.contains("maxItems")) << name << " is a list without a bound";
      }
    }
  }
}

TEST_F(OpenapiRules, EveryIdHasThePatternOfWhatItNames) {
  std::size_t seen = 0;
  for (const auto& one : document.operations()) {
    const auto* id = one.parameter("path", "id");
    if (id == nullptr) {
      continue;
    }
    const std::regex pattern(std::string(id->at("schema").at("pattern").as_string()));
    const auto wanted = id_in(one.path);
    EXPECT_TRUE(std::regex_match(wanted, pattern)) << one.label() << " takes " << wanted;
    EXPECT_FALSE(std::regex_match("x_" + std::string(26, '0'), pattern)) << one.label();
    ++seen;
  }
  EXPECT_GE(seen, 50U);
}

}
}
