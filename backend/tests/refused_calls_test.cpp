#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "support/api_callers.hpp"
#include "support/home_files.hpp"
#include "support/stored_contents.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

using test_support::api_document;
using test_support::api_operation;
using test_support::expect_no_trace;
using test_support::stored_contents;
using test_support::table_contents;

constexpr const char* audit_tables[] = {"audit_log", "audit_chain"};
constexpr const char* kept_answers_table = "idempotency_keys";

class RefusedCalls : public ::testing::Test {
 protected:
  std::string body_of(const api_operation& one) const {
    const auto* schema = document.body_of(one);
    return schema == nullptr       ? std::string()
           : one.method == "PATCH" ? std::string("{}")
                                   : json::serialize(document.sample(*schema));
  }
  table_contents all_but_kept_answers() const {
    auto found = stored_contents();
    found.erase(kept_answers_table);
    return found;
  }
  std::string key_text() {
    return identity::signing_key::generate(world.random).public_part().to_base64url();
  }

  test_support::home_files files;
  test_support::api_world world;
  api_document document{world.api.openapi()};
  test_support::api_callers callers{world};
};

TEST_F(RefusedCalls, RoleThatMayNotLeavesNoTraceButTheAuditLine) {
  const auto token = world.token_of(models::admin_role::read_only);
  const auto refused_calls = [&] {
    std::size_t refused = 0;
    for (const auto& one : document.operations()) {
      if (!one.is_admin() || one.terms.at("x-required-role") == "read_only") {
        continue;
      }
      const auto reply = callers.call(one, {.body = body_of(one), .admin_token = token});
      EXPECT_EQ(reply.status, 403) << one.label() << " " << reply.body;
      ++refused;
    }
    return refused;
  };
  EXPECT_GE(refused_calls(), 40U);
  auto before = all_but_kept_answers();
  for (const auto* table : audit_tables) {
    before.erase(table);
  }
  EXPECT_GE(refused_calls(), 40U);
  expect_no_trace(before, "a call of a role that may not");
}

TEST_F(RefusedCalls, CallAboutWhatIsNotThereLeavesNoTrace) {
  const auto missing_calls = [&] {
    std::size_t missing = 0;
    for (const auto& one : document.operations()) {
      if (one.path.find("{id}") == std::string::npos || one.method == "GET") {
        continue;
      }
      const auto reply = callers.call(one, {.body = body_of(one), .about = "x_0"});
      EXPECT_GE(reply.status, 400) << one.label() << " " << reply.body;
      EXPECT_LT(reply.status, 500) << one.label() << " " << reply.body;
      missing += reply.status == 404 ? 1U : 0U;
    }
    return missing;
  };
  EXPECT_GE(missing_calls(), 25U);
  const auto before = all_but_kept_answers();
  EXPECT_GE(missing_calls(), 25U);
  expect_no_trace(before, "a call about what is not there");
}

TEST_F(RefusedCalls, ConflictLeavesNoTrace) {
  std::size_t conflicts = 0;
  for (const auto& one : document.operations()) {
    if (!one.answers(409) || one.path.ends_with("/logout")) {
      continue;
    }
    callers.call(one, {.body = body_of(one)});
    const auto before = all_but_kept_answers();
    const auto reply = callers.call(one, {.body = body_of(one)});
    if (reply.status == 409) {
      expect_no_trace(before, one.label());
      ++conflicts;
    }
  }
  RecordProperty("conflicts", static_cast<int>(conflicts));
  EXPECT_GE(conflicts, 5U);
}

TEST_F(RefusedCalls, CodeThatIsOverLeavesNoTrace) {
  const auto user = world.add_user("grace");
  world.subscribe(user, world.add_plan({.code = "spare"}));
  const auto code =
      world.devices
          .issue_code(world.admin(), {.user = user.id, .gateway = world.join("spare").gateway.id})
          .value();
  world.clock.advance(std::chrono::hours(24));
  std::size_t over = 0;
  for (const auto& one : document.operations()) {
    if (!one.answers(410)) {
      continue;
    }
    const json::object body{{"code", std::string(code.code.reveal_text())},
                            {"device_key", key_text()}};
    const auto before = stored_contents();
    const auto reply = callers.call(one, {.body = json::serialize(body)});
    EXPECT_EQ(reply.status, 410) << one.label() << " " << reply.body;
    expect_no_trace(before, one.label());
    ++over;
  }
  EXPECT_EQ(over, 1U);
}

}
}
