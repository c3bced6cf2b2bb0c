#include "pool/support/outline_world.hpp"

#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "httvps/base/encoding.hpp"
#include "httvps/shadowsocks/access_key.hpp"

namespace httvps::testing {
namespace {

constexpr auto assign_limit = std::chrono::seconds(60);
constexpr auto look_again = std::chrono::milliseconds(20);

std::string secret_in(const gateway_identity& who, const std::string& sealed) {
  const auto opened = who.box.open(base::from_base64url(sealed).value());
  if (!opened) {
    return "sealed to another";
  }
  const auto document = boost::json::parse(std::string(opened->reveal_text())).as_object();
  const auto key = shadowsocks::parse_access_key(text_at(document, "url")).value();
  return std::string(key.password.reveal_text());
}

}

void outline_world::prepare() {
  static bool entered = false;
  if (!entered) {
    install_outline_server();
    enter_private_network();
    entered = true;
  }
}

outline_world::outline_world(environment backend_settings, environment agent_settings)
    : backend(std::move(backend_settings)), agent_settings_(std::move(agent_settings)) {
  backend.fill();
  add_node();
  start_agent();
}

void outline_world::add_node() {
  const auto made = backend.admin_post(
      "/nodes", {{"name", "grove"}, {"region", "us"}, {"host", "127.0.0.1"}, {"port", 9000}});
  if (made.status != 201) {
    throw std::runtime_error("the node was refused: " + made.body);
  }
  node = text_at(made.json().at("node").as_object(), "id");
  std::ofstream(folder.file("credential")) << made.text("credential") << "\n";
  chmod(folder.file("credential").c_str(), 0600);
}

void outline_world::start_agent() {
  environment settings = {
      {"NODE_BACKEND_URL", "http://" + backend.process->address()},
      {"NODE_STATE_DIR", folder.file("state")},
      {"NODE_CREDENTIAL_FILE", folder.file("credential")},
      {"NODE_LISTEN", "127.0.0.1:9000"},
      {"NODE_SERVER_PROGRAM", std::filesystem::absolute(outline_server_program).string()},
      {"NODE_METRICS_LISTEN", "127.0.0.1:0"},
      {"NODE_COUNTER_INTERVAL", "200"},
      {"NODE_ADDRESS_FILE", folder.file("address.json")},
      {"HTTVPS_FAILPOINTS_FILE", folder.file("failpoints")}};
  settings.insert(agent_settings_.begin(), agent_settings_.end());
  agent.emplace(program{
      .words = {HTTVPS_NODE_PROGRAM}, .environment = settings, .output = folder.file("agent.log")});
}

api_answer outline_world::try_assign(const gateway_identity& who, const enrolled_device& device,
                                     std::string_view region) const {
  return backend.as_gateway(
      who, "/api/v1/nodes/assign-outline",
      {{"token", device.token}, {"region", boost::json::string(region.data(), region.size())}});
}

std::string outline_world::assign(const gateway_identity& who, const enrolled_device& device,
                                  std::string_view region) const {
  const auto end = std::chrono::steady_clock::now() + assign_limit;
  while (std::chrono::steady_clock::now() < end) {
    const auto answer = try_assign(who, device, region);
    if (answer.status == 200 && answer.text("node_id") == node) {
      return secret_in(who, answer.text("sealed_key"));
    }
    std::this_thread::sleep_for(look_again);
  }
  throw std::runtime_error("no key is handed out: " + agent_output());
}

json_object outline_world::keyring() const {
  for (const auto& entry : backend.admin_get("/nodes").json().at("items").as_array()) {
    if (text_at(entry.as_object(), "id") == node) {
      return entry.at("keyring").as_object();
    }
  }
  return {};
}

bool outline_world::has_running_keys() const {
  return text_at(keyring(), "rollout") == "running";
}

key_use outline_world::use_of(const std::string& secret) const {
  return {.secret = secret, .origin_port = origin.port()};
}

}
