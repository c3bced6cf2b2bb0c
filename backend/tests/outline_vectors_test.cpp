#include <gtest/gtest.h>

#include <map>
#include <set>

#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/schemas/outline_documents.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "support/vector_check.hpp"

namespace httvps::backend::schemas {
namespace {

namespace json = boost::json;
using test_support::checker;
using test_support::operation_checks;
using test_support::round_trip;
using test_support::vector_exchanges;

const std::map<std::string, operation_checks>& checks() {
  static const std::map<std::string, operation_checks> all = {
      {"getOutlineConfig", {nullptr, round_trip<outline_config_answer>}},
      {"sendNodeHeartbeat",
       {round_trip<node_heartbeat_request>, round_trip<node_heartbeat_answer>}},
      {"acknowledgeOutlineKeys", {round_trip<keys_ack_request>, round_trip<keys_ack_answer>}},
      {"reportOutlineCounters", {round_trip<counters_request>, round_trip<counters_answer>}},
  };
  return all;
}

TEST(OutlineVectors, EveryExchangeFitsTheSchemas) {
  std::set<std::string> seen;
  for (const auto& entry : vector_exchanges("outline_api.json")) {
    const auto& exchange = entry.as_object();
    const std::string name(exchange.at("name").as_string());
    const std::string operation(exchange.at("operation").as_string());
    const auto& check = checks().at(operation);
    seen.insert(operation);
    if (const auto* request = exchange.if_contains("request")) {
      EXPECT_EQ(check.request(*request), "same") << name;
    }
    const auto status = exchange.at("status").to_number<int>();
    if (status == 304) {
      EXPECT_TRUE(exchange.at("response").is_null()) << name;
      continue;
    }
    const auto& answer = status < 300 ? check.answer : checker(round_trip<problem_document>);
    EXPECT_EQ(answer(exchange.at("response")), "same") << name;
  }
  EXPECT_EQ(seen.size(), checks().size());
}

}
}
