#include "node/node_fixture.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace httvps::testing {

offered_key make_offer(const std::string& id, const std::string& secret) {
  return {.id = id, .secret = secret};
}

void NodeAgent::SetUpTestSuite() {
  static bool entered = false;
  if (!entered) {
    install_outline_server();
    enter_private_network();
    entered = true;
  }
}

void NodeAgent::SetUp() {
  std::ofstream(file("credential")) << "htn_node_credential_of_the_test\n";
  chmod(file("credential").c_str(), 0600);
}

std::map<std::string, std::string> NodeAgent::environment() const {
  std::map<std::string, std::string> all = {
      {"NODE_BACKEND_URL", backend_.url()},
      {"NODE_STATE_DIR", file("state")},
      {"NODE_CREDENTIAL_FILE", file("credential")},
      {"NODE_LISTEN", "127.0.0.1:9000"},
      {"NODE_SERVER_PROGRAM", std::filesystem::absolute(outline_server_program).string()},
      {"NODE_METRICS_LISTEN", "127.0.0.1:0"},
      {"NODE_HEARTBEAT_INTERVAL", "200"},
      {"NODE_COUNTER_INTERVAL", "200"},
      {"NODE_POLL_WAIT", "5000"},
      {"NODE_ADDRESS_FILE", file("address.json")}};
  for (const auto& [name, value] : extra_) {
    all[name] = value;
  }
  std::erase_if(all, [](const auto& each) { return each.second.empty(); });
  return all;
}

void NodeAgent::start_agent() {
  agent_.emplace(program{
      .words = {HTTVPS_NODE_PROGRAM}, .environment = environment(), .output = file("agent.log")});
}

pid_t NodeAgent::server() const {
  const auto children = children_of(agent_->process());
  return children.empty() ? -1 : children.front();
}

key_use NodeAgent::use_of(const offered_key& key) const {
  return {.secret = key.secret,
          .method = shadowsocks::method_from_name(key.cipher).value(),
          .origin_port = origin_.port()};
}

std::size_t NodeAgent::pass(const offered_key& key, std::size_t bytes) {
  key_user user(use_of(key));
  const auto body = pattern(bytes);
  const bool same = user.echo(body);
  user.finish();
  return same ? bytes : 0;
}

bool NodeAgent::wait_until(const std::function<bool()>& condition,
                           std::chrono::milliseconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}
