#pragma once

#include <memory>

#include "gateway/support/deployment.hpp"
#include "gateway/support/gateway_process.hpp"
#include "gateway/support/scripted_backend.hpp"
#include "gateway/support/tunnel.hpp"
#include "support/ss_server.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {

struct world_options {
  std::map<std::string, std::string> environment = {};
  std::optional<std::uint64_t> file_size_limit = std::nullopt;
  std::string key_parameters = {};
};

class gateway_world {
 public:
  explicit gateway_world(world_options chosen = {});

  gateway_place place() const;
  tunnel_options as_device(const test_device& device) const;
  std::unique_ptr<tunnel> connect(const test_device& device) const;
  std::string node_url(std::uint16_t port) const;
  gateway_options successor() const;

  net::testing::test_certificate certificate{"localhost"};
  deployment keys;
  test_device device = make_device("dev_first");
  scripted_backend backend{keys};
  ss_server node{shadowsocks::cipher_method::chacha20_ietf_poly1305};

 private:
  gateway_options options_for(const world_options& chosen);
  std::string key_parameters_;
  gateway_options options_;

 public:
  gateway_process gateway;
};

}
