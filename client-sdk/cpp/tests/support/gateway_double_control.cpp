#include <boost/json.hpp>

#include "gateway_double_state.hpp"
#include "httvps/net/http_parser.hpp"

namespace httvps::sdk::testing {
namespace {

namespace json = boost::json;

std::string answer_text(int status, const json::object& fields) {
  net::http_response answer = {.status = status};
  answer.body = json::serialize(fields);
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Connection", "close");
  return net::serialise(answer);
}

}

std::string gateway_double::state::control(const std::string& text) {
  net::http_request_parser parser;
  if (!parser.feed(base::as_bytes(text)) || !parser.is_done()) {
    return {};
  }
  if (rules.control_status) {
    return answer_text(*rules.control_status,
                       {{"code", rules.control_code}, {"detail", "As the test asked."}});
  }
  const auto& request = parser.message();
  if (request.target == "/api/v1/devices/enrol") {
    ++counts.enrolments;
    return enrol(request);
  }
  if (!request.headers.find("Authorization").value_or("").starts_with("HTTVPS-Device ")) {
    return answer_text(401, {{"code", "credential_missing"}});
  }
  return as_device(request);
}

std::string gateway_double::state::enrol(const net::http_request& request) {
  const auto wanted = json::parse(request.body).as_object();
  const auto key =
      identity::public_key::from_base64url(wanted.at("device_key").as_string().c_str()).value();
  return answer_text(200, {{"device_id", device_id},
                           {"token", issuer.token_for(key)},
                           {"key_set", issuer.key_set()},
                           {"config", issuer.config()}});
}

std::string gateway_double::state::as_device(const net::http_request& request) {
  if (request.target == "/api/v1/devices/token") {
    ++counts.renewals;
    return answer_text(200, {{"token", issuer.token()}, {"key_set", issuer.key_set()}});
  }
  if (request.target.starts_with("/api/v1/devices/config")) {
    if (rules.region_refused && request.target.contains('?')) {
      return answer_text(404, {{"code", "region_without_gateway"}, {"detail", "None there."}});
    }
    counts.configuration_target = request.target;
    ++counts.configurations;
    return answer_text(200, {{"config", issuer.config()},
                             {"key_set", issuer.key_set()},
                             {"lease_until", rules.lease_until}});
  }
  return answer_text(200, {{"asked", request.method + " " + request.target}});
}

}
