#pragma once

#include <string>
#include <string_view>

#include "deployment.hpp"
#include "httvps/backend/api/control_api.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::test_support {

struct api_request {
  std::string method = "GET";
  std::string target;
  std::string token = {};
  std::string body = {};
  std::string peer = "192.0.2.9";
  net::http_fields headers = {};
};

struct api_reply {
  int status = 0;
  std::string body;
  net::http_fields headers = {};

  std::string header(std::string_view name) const {
    return std::string(headers.find(name).value_or(""));
  }
  std::string text(std::string_view member) const;
  std::string code() const { return text("code"); }
};

class api_world : public deployment {
 public:
  api_world();

  api::service_set services();
  api_reply call(const api_request& wanted) const;
  std::string first_token();
  std::string token_of(models::admin_role role, const std::vector<std::string>& scopes = {});

  base::metric_registry metrics;
  services::admin_actor chief;
  std::string chief_token;
  api::control_api api;
};

}
