#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "support/api_callers.hpp"

namespace httvps::backend {
namespace {

using test_support::api_callers;
using test_support::api_document;
using test_support::api_operation;
using test_support::api_reply;
using test_support::api_world;

class SchemaBefore : public ::testing::Test {
 protected:
  api_reply usual_call(const api_operation& one) {
    const auto* schema = document.body_of(one);
    return callers.call(
        one, {.body = schema == nullptr ? "" : boost::json::serialize(document.sample(*schema)),
              .query = document.needed_query_of(one)});
  }
  void expect_served(const api_operation& one) {
    const auto reply = usual_call(one);
    const bool is_off = reply.status == 503 && reply.code() == "schema_too_old";
    EXPECT_TRUE(reply.status < 500 || is_off)
        << one.label() << " does not know the schema before: " << reply.status << " " << reply.body;
    EXPECT_TRUE(!is_off || one.answers(503)) << one.label() << " must declare 503";
    switched_off += is_off ? 1 : 0;
    succeeded += reply.status < 300 ? 1 : 0;
    ++called;
  }

  api_world world;
  api_document document{world.api.openapi()};
  api_callers callers{world};
  std::size_t called = 0;
  std::size_t switched_off = 0;
  std::size_t succeeded = 0;
};

TEST_F(SchemaBefore, ServesEveryOperationOrSaysThatItIsTooOld) {
  const auto newest = world.store->schema_version();
  ASSERT_TRUE(world.store->migrate_down(newest - 1));
  for (const bool reads : {true, false}) {
    for (const auto& one : document.operations()) {
      if ((one.method == "GET") == reads) {
        expect_served(one);
      }
    }
  }
  EXPECT_EQ(called, document.operations().size());
  EXPECT_LT(switched_off, called / 4);
  EXPECT_GE(succeeded, 50U);
  EXPECT_EQ(world.store->schema_version(), newest - 1);
}

}
}
