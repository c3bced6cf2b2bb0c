#include "gateway/support/backend_messages.hpp"

#include <boost/json.hpp>
#include <map>

namespace httvps::testing {
namespace {

namespace json = boost::json;

const std::map<std::string, backend_call, std::less<>> calls = {
    {"/api/v1/gateway/join", backend_call::join},
    {"/api/v1/gateway/config", backend_call::config},
    {"/api/v1/gateway/heartbeat", backend_call::heartbeat},
    {"/api/v1/auth/validate-device", backend_call::validate},
    {"/api/v1/gateway/devices:validate", backend_call::validate},
    {"/api/v1/nodes/assign-outline", backend_call::assign},
    {"/api/v1/usage/report", backend_call::usage},
    {"/api/v1/gateway/outcomes", backend_call::outcomes},
    {"/api/v1/gateway/sessions", backend_call::sessions},
    {"/api/v1/gateway/place", backend_call::place},
    {"/api/v1/gateway/quota:lease", backend_call::lease},
    {"/api/v1/devices/enrol", backend_call::device},
    {"/api/v1/devices/token", backend_call::device},
    {"/api/v1/devices/config", backend_call::device},
    {"/api/v1/devices/config?region=eu-1", backend_call::device},
    {"/api/v1/me", backend_call::device},
    {"/api/v1/me/devices", backend_call::device},
    {"/api/v1/me/devices/dev_2:revoke", backend_call::device},
    {"/api/v1/regions", backend_call::device},
};

usage_line line_of(const json::object& row) {
  return {.session = row.at("n").to_number<std::uint64_t>(),
          .node_id = text_of(row, "node_id"),
          .up = row.at("up").to_number<std::uint64_t>(),
          .down = row.at("down").to_number<std::uint64_t>(),
          .token = text_of(row, "token")};
}

}

backend_call call_of(const std::string& path) {
  const auto found = calls.find(path);
  return found == calls.end() ? backend_call::other : found->second;
}

net::http_response reply(int status, const json::value& body) {
  net::http_response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = json::serialize(body);
  return response;
}

net::http_response problem(int status, const std::string& code) {
  return reply(status, json::object{{"code", code}, {"title", code}});
}

std::string text_of(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? std::string(value->as_string()) : std::string();
}

usage_delivery delivery_of(const std::string& body) {
  const auto object = json::parse(body).as_object();
  usage_delivery delivery{.epoch = text_of(object, "epoch"),
                          .sequence = object.at("seq").to_number<std::uint64_t>(),
                          .body = body,
                          .lines = {}};
  for (const auto& row : object.at("rows").as_array()) {
    delivery.lines.push_back(line_of(row.as_object()));
  }
  return delivery;
}

}
