#include "gateway/support/gateway_world.hpp"

#include <stdexcept>

#include "httvps/base/encoding.hpp"

namespace httvps::testing {

gateway_world::gateway_world(world_options chosen)
    : key_parameters_(chosen.key_parameters), options_(options_for(chosen)), gateway(options_) {
  if (!gateway.wait_until_ready()) {
    throw std::runtime_error("the gateway is not ready: " + gateway.standard_error() +
                             gateway.log());
  }
}

gateway_options gateway_world::options_for(const world_options& chosen) {
  backend.change([this](backend_script& script) { script.access_url = node_url(node.port()); });
  gateway_options options{.environment = {{"GATEWAY_BACKEND_URL", backend.url()},
                                          {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                                          {"GATEWAY_TLS_KEY", certificate.key_file()},
                                          {"BACKEND_GATEWAY_SECRET", "join secret"}},
                          .file_size_limit = chosen.file_size_limit};
  for (const auto& [name, value] : chosen.environment) {
    options.environment[name] = value;
  }
  return options;
}

gateway_options gateway_world::successor() const {
  auto options = options_;
  options.environment["GATEWAY_LISTEN"] = "127.0.0.1:" + std::to_string(gateway.public_port());
  options.environment["GATEWAY_STATE_DIR"] = gateway.state_folder();
  return options;
}

std::string gateway_world::node_url(std::uint16_t port) const {
  const auto credentials =
      std::string(shadowsocks::name_of(node.method())) + ":" + std::string(server_password);
  return "ss://" + base::to_base64url(base::as_bytes(credentials)) +
         "@127.0.0.1:" + std::to_string(port) + "/?" + key_parameters_;
}

gateway_place gateway_world::place() const {
  return {.port = gateway.public_port(),
          .pin = certificate.pin(),
          .gateway_id = keys.gateway_id,
          .path = keys.path,
          .cookie = keys.cookie};
}

tunnel_options gateway_world::as_device(const test_device& who) const {
  return {.place = place(), .knock = access_knock(keys.token_for(who), who)};
}

std::unique_ptr<tunnel> gateway_world::connect(const test_device& who) const {
  return std::make_unique<tunnel>(as_device(who));
}

}
