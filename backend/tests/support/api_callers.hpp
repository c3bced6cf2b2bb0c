#pragma once

#include <map>
#include <string>

#include "api_document.hpp"
#include "api_world.hpp"

namespace httvps::backend::test_support {

struct caller_request {
  std::string body = {};
  std::string query = {};
  std::string if_match = "*";
  std::string key = {};
  std::string admin_token = {};
  std::string about = {};
};

class api_callers {
 public:
  explicit api_callers(api_world& world);

  api_reply call(const api_operation& one, const caller_request& sent);

 private:
  void sign(const api_operation& one, const std::string& admin_token, api_request& made);
  std::string target_of(const api_operation& one, const std::string& about) const;
  std::string node_credential_of(const std::string& name);

  api_world& world_;
  models::user user_;
  services::joined_gateway joined_;
  enrolled device_;
  std::string node_credential_;
  std::map<std::string, std::string> ids_;
  std::uint32_t calls_ = 0;
};

}
