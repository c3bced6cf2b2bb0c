#pragma once

#include <algorithm>
#include <string>

#include "api_world.hpp"

namespace httvps::backend::test_support {

class life_world : public api_world {
 public:
  api_reply send(const std::string& method, const std::string& tail, const std::string& body = {},
                 const std::string& match = {}) const {
    net::http_fields headers;
    if (!match.empty()) {
      headers.add("If-Match", match);
    }
    return call({.method = method,
                 .target = "/api/v1/admin/" + tail,
                 .token = chief_token,
                 .body = body,
                 .headers = std::move(headers)});
  }
  api_reply get(const std::string& tail) const { return send("GET", tail); }
  api_reply act(const std::string& tail, const std::string& body = {}) const {
    return send("POST", tail, body);
  }
  models::audit_line newest_line(const std::string& action) const {
    return audit.newest({.action = action, .size = 1}).value().items.at(0);
  }
  bool is_withdrawn(const models::gateway& gateway, const models::device_id& id) const {
    const auto config = gateways.config(gateway, std::nullopt).value().value();
    return std::ranges::count(config.withdrawn.devices, id) == 1;
  }
};

}
