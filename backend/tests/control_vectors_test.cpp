#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "httvps/backend/schemas/device_documents.hpp"
#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "httvps/backend/schemas/session_documents.hpp"

namespace httvps::backend::schemas {
namespace {

namespace json = boost::json;

json::object load_vectors() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/control_api.json");
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

struct operation_checks {
  checker request;
  checker answer;
};

const std::map<std::string, operation_checks>& checks() {
  static const std::map<std::string, operation_checks> all = {
      {"joinGateway", {round_trip<join_request>, round_trip<join_answer>}},
      {"getGatewayConfig", {nullptr, round_trip<gateway_config_answer>}},
      {"sendGatewayHeartbeat",
       {round_trip<gateway_heartbeat_request>, round_trip<gateway_heartbeat_answer>}},
      {"sendNodeHeartbeat",
       {round_trip<node_heartbeat_request>, round_trip<node_heartbeat_answer>}},
      {"validateDevice", {round_trip<validate_request>, round_trip<validate_answer>}},
      {"assignOutline", {round_trip<assign_request>, round_trip<assign_answer>}},
      {"reportOutcomes", {round_trip<outcomes_request>, round_trip<outcomes_answer>}},
      {"reportUsage", {round_trip<usage_report_request>, round_trip<usage_report_answer>}},
      {"enrolDevice", {round_trip<enrol_request>, round_trip<enrol_answer>}},
      {"renewToken", {round_trip<empty_request>, round_trip<token_answer>}},
      {"getDeviceConfig", {nullptr, round_trip<device_config_answer>}},
      {"getMe", {nullptr, round_trip<me_answer>}},
      {"listRegions", {nullptr, round_trip<covered_regions_answer>}},
      {"listOwnDevices", {nullptr, round_trip<own_devices_answer>}},
      {"revokeOwnDevice", {nullptr, round_trip<own_device_view>}},
  };
  return all;
}

TEST(ControlVectors, EveryExchangeFitsTheSchemas) {
  for (const auto& entry : load_vectors().at("exchanges").as_array()) {
    const auto& exchange = entry.as_object();
    const std::string name(exchange.at("name").as_string());
    const auto& check = checks().at(std::string(exchange.at("operation").as_string()));
    if (!exchange.at("request").is_null()) {
      EXPECT_EQ(check.request(exchange.at("request")), "same") << name;
    }
    const bool success = exchange.at("status").to_number<int>() < 300;
    const auto& answer = success ? check.answer : checker(round_trip<problem_document>);
    EXPECT_EQ(answer(exchange.at("response")), "same") << name;
  }
}

TEST(ControlVectors, CoverEveryOperationAndEveryDenial) {
  std::set<std::string> operations;
  std::set<std::string> denials;
  for (const auto& entry : load_vectors().at("exchanges").as_array()) {
    operations.insert(std::string(entry.at("operation").as_string()));
    const auto& answer = entry.at("response").as_object();
    if (const auto* allow = answer.if_contains("allow"); allow != nullptr && !allow->as_bool()) {
      denials.insert(std::string(answer.at("code").as_string()));
    }
  }
  EXPECT_EQ(operations.size(), checks().size());
  EXPECT_EQ(denials.size(), codec<denial_code>::count);
}

}
}
