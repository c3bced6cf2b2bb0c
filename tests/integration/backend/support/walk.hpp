#pragma once

#include <memory>
#include <string>

#include "httvps/identity/enrolment_link.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "support/api_caller.hpp"
#include "support/backend_process.hpp"

namespace httvps::testing {

inline constexpr std::string_view planted_password = "planted-node-password-91ac";
std::string planted_access_key();

struct gateway_identity {
  std::string id;
  std::string credential;
  identity::box_key box;
};

struct enrolled_device {
  std::string id;
  std::string token;
  identity::signing_key key;
};

class walk {
 public:
  explicit walk(environment more = {{"BACKEND_GATEWAY_AUTO_APPROVE", "true"}},
                test_servers::test_engine engine = test_servers::chosen_engine());

  void restart();
  std::string metrics() const;
  bool wait_until_posted() const;
  std::int64_t counted(std::string_view direction) const;
  std::int64_t counted(std::string_view direction, std::int64_t expected) const;
  api_answer admin_get(std::string_view path) const;
  api_answer admin_post(std::string_view path, const json_object& content) const;
  api_answer admin_patch(std::string_view path, const json_object& content) const;

  json_object join_body(std::string_view name, const identity::box_key& box) const;
  gateway_identity join(std::string_view name);
  void fill();
  std::string link_for(const gateway_identity& gateway);
  enrolled_device enrol(const gateway_identity& gateway);
  json_object enrol_body(const std::string& ticket, const identity::signing_key& key) const;
  api_answer enrol_with(const gateway_identity& gateway, const json_object& body) const;
  api_answer as_device(const gateway_identity& gateway, const enrolled_device& device,
                       std::string_view method, std::string_view path) const;
  api_answer as_gateway(const gateway_identity& gateway, std::string_view path,
                        const json_object& content) const;

  backend_folder folder;
  environment variables;
  std::unique_ptr<backend_process> process;
  std::unique_ptr<api_caller> api;
  std::string user;
  std::string plan;
  std::string subscription;
  std::string node;
  std::string node_credential;
};

}
