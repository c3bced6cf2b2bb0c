#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <latch>
#include <thread>

#include "support/fresh_calls.hpp"

namespace httvps::backend {
namespace {

using test_support::api_document;
using test_support::api_operation;
using test_support::api_reply;
using test_support::fresh_call;
using test_support::fresh_calls;
using test_support::is_about_one;
using test_support::life_world;

using replies = std::array<api_reply, 2>;

constexpr std::string_view own_account = "/api/v1/admin/me";
constexpr std::string_view logout = "/api/v1/admin/logout";
constexpr std::string_view leave_the_entity_as_it_was[] = {":reset-totp", ":reset-usage"};

bool is_done(const api_reply& reply) {
  return reply.status >= 200 && reply.status < 300;
}

bool is_replayed(const api_reply& reply) {
  return reply.header("Idempotency-Replayed") == "true";
}

std::string shown(const replies& got) {
  std::string text;
  for (const auto& each : got) {
    text += "\n  got " + std::to_string(each.status) + " " + each.body.substr(0, 200);
  }
  return text;
}

class CallsAtOnce : public ::testing::Test {
 protected:
  static bool takes(const api_operation& one, std::string_view header) {
    return one.is_admin() && one.parameter("header", header) != nullptr;
  }
  static bool is_creation(const api_operation& one) {
    return one.method == "POST" && !is_about_one(one);
  }
  static net::http_fields headers_for(const api_operation& one, const std::string& key = {}) {
    net::http_fields headers;
    if (!key.empty()) {
      headers.add("Idempotency-Key", key);
    }
    if (takes(one, "If-Match") && !is_creation(one)) {
      headers.add("If-Match", "*");
    }
    return headers;
  }
  static bool needs_a_session(const api_operation& one) {
    return one.path.starts_with(own_account) || one.path == logout;
  }
  static bool changes_the_entity(const api_operation& one) {
    return std::ranges::none_of(leave_the_entity_as_it_was,
                                [&](std::string_view verb) { return one.path.ends_with(verb); });
  }
  replies at_once(const fresh_call& prepared, const net::http_fields& headers) const {
    replies got;
    std::latch start(2);
    {
      const auto ask = [&](std::size_t who) {
        start.arrive_and_wait();
        got[who] = calls.send(prepared, headers);
      };
      const std::jthread one(ask, 0U);
      const std::jthread other(ask, 1U);
    }
    return got;
  }
  std::int64_t lines_of_one(const api_operation& one) {
    const auto alone = calls.prepare(one);
    const auto before = calls.lines();
    const auto done = calls.send(alone, headers_for(one));
    EXPECT_TRUE(is_done(done)) << one.label() << " is to succeed: see fresh_calls.cpp\n  got "
                               << done.status << " " << done.body;
    return calls.lines() - before;
  }

  life_world world;
  api_document document{world.api.openapi()};
  fresh_calls calls{world};
};

TEST_F(CallsAtOnce, OfTwoChangesOnOneEntityTagOneIsDone) {
  std::size_t tried = 0;
  for (const auto& one : document.operations()) {
    if (!takes(one, "If-Match") || is_creation(one) || !changes_the_entity(one)) {
      continue;
    }
    const auto prepared = calls.prepare(one);
    const auto tag = calls.tag_of(prepared);
    ASSERT_FALSE(tag.empty()) << one.label();
    const auto got = at_once(prepared, {{"If-Match", tag}});
    EXPECT_EQ(std::ranges::count_if(got, is_done), 1) << one.label() << shown(got);
    const auto refused = std::ranges::find_if_not(got, is_done);
    if (refused != got.end()) {
      EXPECT_TRUE(refused->status == 412 || (one.method == "DELETE" && refused->status == 404))
          << one.label() << ": compare If-Match in the transaction of the change" << shown(got);
    }
    ++tried;
  }
  EXPECT_GE(tried, 30U);
}

TEST_F(CallsAtOnce, OfTwoCallsWithOneKeyOneIsDone) {
  std::size_t tried = 0;
  for (const auto& one : document.operations()) {
    if (!takes(one, "Idempotency-Key") || needs_a_session(one)) {
      continue;
    }
    const auto lines = lines_of_one(one);
    const auto prepared = calls.prepare(one);
    const auto before = calls.lines();
    const auto got = at_once(prepared, headers_for(one, "once-" + std::to_string(tried)));
    EXPECT_EQ(std::ranges::count_if(
                  got, [](const auto& each) { return is_done(each) && !is_replayed(each); }),
              1)
        << one.label() << shown(got);
    for (const auto& each : got) {
      EXPECT_TRUE(is_done(each) || each.code() == "idempotency_key_in_flight")
          << one.label() << shown(got);
    }
    EXPECT_LE(calls.lines() - before, lines) << one.label() << ": the change was made twice";
    ++tried;
  }
  EXPECT_GE(tried, 35U);
}

TEST_F(CallsAtOnce, RepeatOfEveryCallGetsItsFirstAnswerAndAnotherCallWithTheKeyIsRefused) {
  std::size_t tried = 0;
  for (const auto& one : document.operations()) {
    if (!takes(one, "Idempotency-Key") || one.path == logout) {
      continue;
    }
    const auto prepared = calls.prepare(one);
    const auto key = headers_for(one, "again-" + std::to_string(tried));
    const auto first = calls.send(prepared, key);
    EXPECT_TRUE(is_done(first) || needs_a_session(one)) << one.label() << " " << first.body;
    const auto before = calls.lines();
    const auto second = calls.send(prepared, key);
    EXPECT_TRUE(is_replayed(second)) << one.label() << " " << second.body;
    EXPECT_EQ(second.status, first.status) << one.label();
    EXPECT_EQ(second.body, first.body) << one.label();
    EXPECT_EQ(second.header("ETag"), first.header("ETag")) << one.label();
    auto other = prepared;
    other.body += " ";
    EXPECT_EQ(calls.send(other, key).code(), "idempotency_key_reused") << one.label();
    EXPECT_EQ(calls.lines(), before) << one.label() << ": a repeat made a second change";
    ++tried;
  }
  EXPECT_GE(tried, 40U);
}

}
}
