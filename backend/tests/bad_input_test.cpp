#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/api_callers.hpp"
#include "support/bad_bodies.hpp"
#include "support/home_files.hpp"
#include "support/stored_contents.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

using test_support::api_callers;
using test_support::api_document;
using test_support::api_operation;
using test_support::api_reply;
using test_support::api_world;
using test_support::bad_body;
using test_support::expect_no_trace;
using test_support::stored_contents;

constexpr std::size_t shown = 200;
constexpr std::string_view kept_answers_table = "idempotency_keys";

std::string excerpt(const std::string& text) {
  return text.size() <= shown ? text : text.substr(0, shown) + "...";
}

bool names_field(const api_reply& reply, const std::string& pointer, const std::string& code) {
  const auto document = json::parse(reply.body).as_object();
  for (const auto& each : document.at("errors").as_array()) {
    if (each.at("pointer").as_string() == pointer && each.at("code").as_string() == code) {
      return true;
    }
  }
  return false;
}

bool asks_in_its_query(const api_operation& one) {
  const auto& parameters = one.terms.at("parameters").as_array();
  return one.method == "GET" ||
         std::ranges::any_of(parameters, [](const auto& each) { return each.at("in") == "query"; });
}

class BadInput : public ::testing::Test {
 protected:
  std::string fault_of(const api_operation& one, const api_reply& reply) const {
    if (reply.status < 400 || reply.status >= 500) {
      return "must be refused with 4xx";
    }
    if (!one.answers(reply.status)) {
      return "the status is not declared: name it in further_statuses of the route";
    }
    if (reply.header("Content-Type") != "application/problem+json") {
      return "a refusal must be application/problem+json";
    }
    return {};
  }
  std::string fault_of(const api_operation& one, const api_reply& reply,
                       const bad_body& sent) const {
    auto fault = fault_of(one, reply);
    const int wanted = sent.pointer.empty() ? 400 : 422;
    if (fault.empty() && (reply.status != wanted || reply.code() != "invalid_request")) {
      fault = "must be " + std::to_string(wanted) + " invalid_request before anything is done";
    }
    if (fault.empty() && !names_field(reply, sent.pointer, sent.code)) {
      fault = "errors must name " + sent.pointer + " with " + sent.code;
    }
    return fault;
  }
  std::int64_t newest_line() {
    const auto found = world.audit.newest({.size = 1});
    return found && !found->items.empty() ? found->items.front().seq : 0;
  }

  test_support::home_files files;
  api_world world;
  api_document document{world.api.openapi()};
  api_callers callers{world};
};

TEST_F(BadInput, EveryFieldOfEveryBodyIsRefusedByNameAndLeavesNoTrace) {
  std::size_t sent = 0;
  std::size_t bodies = 0;
  for (const auto& one : document.operations()) {
    if (document.body_of(one) != nullptr) {
      callers.call(one, {.body = "warming up"});
    }
  }
  auto before = stored_contents();
  for (const auto& one : document.operations()) {
    const auto* schema = document.body_of(one);
    if (schema == nullptr) {
      continue;
    }
    ++bodies;
    for (const auto& each : bad_bodies(document, *schema)) {
      const auto reply = callers.call(one, {.body = each.text});
      EXPECT_EQ(fault_of(one, reply, each), "")
          << one.label() << " " << each.pointer << " " << each.code << "\n  sent "
          << excerpt(each.text) << "\n  got " << reply.status << " " << excerpt(reply.body);
      ++sent;
    }
    before = expect_no_trace(before, one.label());
  }
  EXPECT_GE(bodies, 30U);
  EXPECT_GE(sent, 1000U);
}

TEST_F(BadInput, EveryQueryParameterIsRefusedByName) {
  std::size_t sent = 0;
  std::size_t changes = 0;
  std::size_t without_query = 0;
  for (const auto& one : document.operations()) {
    const auto fault = [&](const std::string& query, const std::string& pointer,
                           const std::string& code) {
      ++sent;
      const auto reply = callers.call(one, {.query = query});
      const auto found = fault_of(one, reply);
      const bool is_named =
          found.empty() && (reply.status == 400 || names_field(reply, pointer, code));
      EXPECT_TRUE(is_named) << one.label() << query << " must name " << pointer << " with " << code
                            << ", " << found << "\n  got " << reply.status << " "
                            << excerpt(reply.body);
      return reply;
    };
    fault("?no_such_parameter=1", "/no_such_parameter", "unknown_field");
    if (!asks_in_its_query(one)) {
      ++without_query;
      continue;
    }
    changes += one.method == "GET" ? 0U : 1U;
    for (const auto& each : one.terms.at("parameters").as_array()) {
      if (each.at("in") != "query") {
        continue;
      }
      const auto name = std::string(each.at("name").as_string());
      const auto& schema = document.resolved(each.at("schema"));
      if (schema.at("type") == "integer") {
        EXPECT_EQ(fault("?" + name + "=x", "/" + name, "wrong_type").status, 422);
        EXPECT_EQ(fault("?" + name + "=-1", "/" + name, "out_of_range").status, 422);
      } else if (schema.contains("enum")) {
        EXPECT_EQ(fault("?" + name + "=x", "/" + name, "not_one_of").status, 422);
      } else {
        const std::string text(1500, 'a');
        EXPECT_EQ(fault("?" + name + "=" + text, "/" + name, "too_long").status, 422);
      }
      EXPECT_EQ(fault("?" + name + "=%ff", "", "bad_target").status, 400);
    }
  }
  EXPECT_GE(sent, 200U);
  EXPECT_GE(without_query, 50U);
  EXPECT_GE(changes, 1U) << "DELETE of a node asks for force in its query";
}

TEST_F(BadInput, TextsOfOtherLanguagesAreOnlyTexts) {
  const std::string planted = R"('; DROP TABLE users; --" OR 1=1 {{7*7}} ${HOME} ../etc)";
  std::size_t sent = 0;
  for (const auto& one : document.operations()) {
    const auto* schema = document.body_of(one);
    if (schema == nullptr) {
      continue;
    }
    for (const auto& body : odd_bodies(document, *schema, planted)) {
      const auto reply = callers.call(one, {.body = body});
      EXPECT_LT(reply.status, 500)
          << one.label() << "\n  sent " << body << "\n  got " << reply.body;
      ++sent;
    }
  }
  EXPECT_GE(sent, 60U);
  const auto made = world.call({.method = "POST",
                                .target = "/api/v1/admin/users",
                                .token = world.chief_token,
                                .body = json::serialize(json::object{{"name", planted + "!"}})});
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("name"), planted + "!");
}

TEST_F(BadInput, ChangeOnAnOldEntityTagIsRefusedAndLeavesNoTrace) {
  std::size_t refused = 0;
  callers.call(document.operations().front(), {});
  world.call({.target = "/api/v1/admin/users", .token = world.chief_token});
  auto before = stored_contents();
  before.erase(std::string(kept_answers_table));
  for (const auto& one : document.operations()) {
    if (one.parameter("header", "If-Match") == nullptr) {
      continue;
    }
    const auto* schema = document.body_of(one);
    const auto body = schema == nullptr       ? std::string()
                      : one.method == "PATCH" ? std::string("{}")
                                              : json::serialize(document.sample(*schema));
    const auto reply = callers.call(one, {.body = body, .if_match = R"("old.tag")"});
    const bool is_known = reply.status != 404;
    EXPECT_TRUE(reply.status == 404 || reply.status == 412)
        << one.label() << ": compare If-Match before anything else is judged\n  got "
        << reply.status << " " << excerpt(reply.body);
    refused += is_known ? 1U : 0U;
  }
  EXPECT_GE(refused, 12U);
  expect_no_trace(before, "a change on an old entity tag");
}

TEST_F(BadInput, RepeatedKeyGetsTheFirstAnswerAndChangesNothing) {
  std::size_t replayed = 0;
  for (const auto& one : document.operations()) {
    if (one.parameter("header", "Idempotency-Key") == nullptr || one.path.ends_with("/logout")) {
      continue;
    }
    const auto* schema = document.body_of(one);
    const auto body = schema == nullptr ? "" : json::serialize(document.sample(*schema));
    const test_support::caller_request sent{.body = body, .key = "again-" + one.path};
    const auto first = callers.call(one, sent);
    const auto lines = newest_line();
    const auto second = callers.call(one, sent);
    EXPECT_EQ(second.status, first.status) << one.label() << second.body;
    EXPECT_EQ(second.body, first.body) << one.label();
    EXPECT_EQ(newest_line(), lines) << one.label() << ": the repeat made a second change";
    replayed += second.header("Idempotency-Replayed") == "true" ? 1U : 0U;
  }
  EXPECT_GE(replayed, 15U);
}

}
}
