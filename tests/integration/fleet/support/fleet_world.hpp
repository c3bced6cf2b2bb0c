#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_process.hpp"
#include "gateway/support/tunnel.hpp"
#include "support/ss_server.hpp"
#include "support/walk.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {

struct fleet_device {
  std::string token;
  test_device device;
};

class fleet_world {
 public:
  explicit fleet_world(environment backend_settings = {});

  std::unique_ptr<gateway_process> start_gateway(
      const std::string& name, const std::map<std::string, std::string>& more = {}) const;
  program_outcome ctl(const std::vector<std::string>& words) const;
  std::string credential_of(const gateway_process& gateway) const;
  void forget_credential(const gateway_process& gateway) const;
  std::string id_of(const std::string& gateway_name) const;
  json_object gateway(const std::string& gateway_name) const;
  fleet_device enrol_at(const gateway_process& gateway);
  std::unique_ptr<tunnel> connect(const gateway_process& to, const fleet_device& device) const;
  wire::stream_id start(tunnel& device, std::size_t count) const;
  bool transfer(tunnel& device, std::size_t count) const;
  walk& backend() noexcept { return backend_; }

 private:
  net::testing::test_certificate certificate_{"localhost"};
  ss_server node_{shadowsocks::cipher_method::chacha20_ietf_poly1305};
  counting_origin origin_;
  walk backend_;
};

bool wait_for(std::chrono::milliseconds limit, const std::function<bool()>& condition);
bool is_ready(const gateway_process& gateway);
std::string readiness(const gateway_process& gateway);

}
