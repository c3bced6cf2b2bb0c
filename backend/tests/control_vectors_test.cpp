#include <gtest/gtest.h>

#include <map>
#include <set>

#include "httvps/backend/schemas/credential_documents.hpp"
#include "httvps/backend/schemas/device_documents.hpp"
#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/schemas/place_documents.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "httvps/backend/schemas/session_documents.hpp"
#include "httvps/backend/schemas/session_roll_documents.hpp"
#include "httvps/backend/schemas/validation_batch_documents.hpp"
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
      {"joinGateway", {round_trip<join_request>, round_trip<join_answer>}},
      {"getGatewayConfig", {nullptr, round_trip<gateway_config_answer>}},
      {"sendGatewayHeartbeat",
       {round_trip<gateway_heartbeat_request>, round_trip<gateway_heartbeat_answer>}},
      {"renewGatewayCredential", {nullptr, round_trip<issued_credential>}},
      {"renewNodeCredential", {nullptr, round_trip<issued_credential>}},
      {"reportGatewayPlace", {round_trip<place_request>, round_trip<place_answer>}},
      {"findSuccessors", {round_trip<successors_request>, round_trip<successors_answer>}},
      {"sendNodeHeartbeat",
       {round_trip<node_heartbeat_request>, round_trip<node_heartbeat_answer>}},
      {"validateDevice", {round_trip<validate_request>, round_trip<validate_answer>}},
      {"validateDevices", {round_trip<validate_many_request>, round_trip<validate_many_answer>}},
      {"assignOutline", {round_trip<assign_request>, round_trip<assign_answer>}},
      {"reportOutcomes", {round_trip<outcomes_request>, round_trip<outcomes_answer>}},
      {"reportSessions", {round_trip<session_roll_request>, round_trip<session_roll_answer>}},
      {"reportUsage", {round_trip<usage_report_request>, round_trip<usage_report_answer>}},
      {"enrolDevice", {round_trip<enrol_request>, round_trip<enrol_answer>}},
      {"renewToken", {round_trip<empty_request>, round_trip<token_answer>}},
      {"getDeviceConfig", {nullptr, round_trip<device_config_answer>}},
      {"getMe", {nullptr, round_trip<me_answer>}},
      {"listCoveredRegions", {nullptr, round_trip<covered_regions_answer>}},
      {"listOwnDevices", {nullptr, round_trip<own_devices_answer>}},
      {"revokeOwnDevice", {nullptr, round_trip<own_device_view>}},
  };
  return all;
}

TEST(ControlVectors, EveryExchangeFitsTheSchemas) {
  for (const auto& entry : vector_exchanges("control_api.json")) {
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
  for (const auto& entry : vector_exchanges("control_api.json")) {
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
