#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/schemas/outline_documents.hpp"
#include "httvps/backend/schemas/problem_document.hpp"

namespace httvps::backend::schemas {
namespace {

namespace json = boost::json;

json::object load_vectors() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/outline_api.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_object();
}

json::value without_nulls(const json::value& value) {
  if (const auto* object = value.if_object()) {
    json::object kept;
    for (const auto& member : *object) {
      if (!member.value().is_null()) {
        kept[member.key()] = without_nulls(member.value());
      }
    }
    return kept;
  }
  if (const auto* list = value.if_array()) {
    json::array kept;
    for (const auto& item : *list) {
      kept.push_back(without_nulls(item));
    }
    return kept;
  }
  return value;
}

template <typename Document>
std::string round_trip(const json::value& example) {
  const auto document = read_document<Document>(json::serialize(example));
  if (!document) {
    return document.error().front().pointer + " " + document.error().front().code;
  }
  const auto written = without_nulls(json::parse(write_document(*document)));
  return written == without_nulls(example) ? "same" : json::serialize(written);
}

using checker = std::function<std::string(const json::value&)>;

struct outline_checks {
  checker request;
  checker answer;
};

const std::map<std::string, outline_checks>& checks() {
  static const std::map<std::string, outline_checks> all = {
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
  for (const auto& entry : load_vectors().at("exchanges").as_array()) {
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
