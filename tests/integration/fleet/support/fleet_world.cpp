#include "fleet/support/fleet_world.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "httvps/base/encoding.hpp"

namespace httvps::testing {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);

std::string node_key(const ss_server& node) {
  const auto credentials =
      std::string(shadowsocks::name_of(node.method())) + ":" + std::string(server_password);
  return "ss://" + base::to_base64url(base::as_bytes(credentials)) +
         "@127.0.0.1:" + std::to_string(node.port());
}

json_object membership_of(const gateway_process& gateway) {
  return boost::json::parse(content_of(gateway.state_folder() + "/membership.json")).as_object();
}

}

fleet_world::fleet_world(environment backend_settings) : backend_(std::move(backend_settings)) {
  backend_.user = backend_.admin_post("/users", {{"name", "Ada"}}).text("id");
  backend_.plan =
      backend_
          .admin_post(
              "/plans",
              {{"code", "basic"}, {"name", "Basic"}, {"device_limit", 9}, {"session_limit", 8}})
          .text("id");
  backend_.admin_post("/subscriptions", {{"user_id", backend_.user}, {"plan_id", backend_.plan}});
  backend_.admin_post("/nodes",
                      {{"name", "orchard"}, {"region", "eu"}, {"access_key", node_key(node_)}});
}

std::unique_ptr<gateway_process> fleet_world::start_gateway(
    const std::string& name, const std::map<std::string, std::string>& more) const {
  gateway_options options{
      .environment = {{"GATEWAY_BACKEND_URL", "http://" + backend_.process->address()},
                      {"GATEWAY_NAME", name},
                      {"GATEWAY_REGION", "eu"},
                      {"GATEWAY_TLS_CERTIFICATE", certificate_.chain_file()},
                      {"GATEWAY_TLS_KEY", certificate_.key_file()},
                      {"BACKEND_GATEWAY_SECRET", std::string(gateway_secret)}}};
  for (const auto& [setting, value] : more) {
    options.environment[setting] = value;
  }
  auto started = std::make_unique<gateway_process>(options);
  if (!started->wait_until_ready()) {
    throw std::runtime_error("the gateway does not join: " + started->standard_error() +
                             started->log());
  }
  return started;
}

program_outcome fleet_world::ctl(const std::vector<std::string>& words) const {
  std::string command = std::string(HTTVPS_CTL_PROGRAM) + " --server http://" +
                        backend_.process->address() + " --token-file " +
                        backend_.folder.file("admin-token");
  for (const auto& word : words) {
    command += " '" + word + "'";
  }
  auto* pipe = popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) {
    throw std::runtime_error("cannot run httvpsctl");
  }
  program_outcome outcome;
  std::array<char, 4096> space{};
  for (auto count = fread(space.data(), 1, space.size(), pipe); count > 0;
       count = fread(space.data(), 1, space.size(), pipe)) {
    outcome.output.append(space.data(), count);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

json_object fleet_world::gateway(const std::string& gateway_name) const {
  const auto answer = backend_.admin_get("/gateways").json();
  for (const auto& each : answer.at("items").as_array()) {
    if (text_at(each.as_object(), "name") == gateway_name) {
      return each.as_object();
    }
  }
  throw std::runtime_error("no gateway has the name " + gateway_name);
}

std::string fleet_world::id_of(const std::string& gateway_name) const {
  return text_at(gateway(gateway_name), "id");
}

std::string fleet_world::credential_of(const gateway_process& gateway) const {
  return text_at(membership_of(gateway), "credential");
}

void fleet_world::forget_credential(const gateway_process& gateway) const {
  auto joined = membership_of(gateway);
  joined["former_credential"] = joined.at("credential");
  joined["credential"] = "htg_000000000000000000000000000000000000";
  std::ofstream(gateway.state_folder() + "/membership.json", std::ios::trunc)
      << boost::json::serialize(joined);
}

fleet_device fleet_world::enrol_at(const gateway_process& gateway) {
  const auto joined = membership_of(gateway);
  auto enrolled = backend_.enrol({.id = text_at(joined, "gateway_id"),
                                  .credential = text_at(joined, "credential"),
                                  .box = identity::box_key::generate(base::secure_random())});
  return {.token = enrolled.token, .device = {.id = enrolled.id, .key = std::move(enrolled.key)}};
}

std::unique_ptr<tunnel> fleet_world::connect(const gateway_process& to,
                                             const fleet_device& device) const {
  const auto joined = membership_of(to);
  gateway_place place{.port = to.public_port(),
                      .pin = certificate_.pin(),
                      .gateway_id = text_at(joined, "gateway_id"),
                      .path = text_at(joined, "path"),
                      .cookie = text_at(joined, "cookie")};
  tunnel_options chosen{.place = std::move(place),
                        .knock = access_knock(device.token, device.device)};
  return std::make_unique<tunnel>(std::move(chosen));
}

wire::stream_id fleet_world::start(tunnel& device, std::size_t count) const {
  return device.open(loopback_target(origin_.port()), pattern(count));
}

bool fleet_world::transfer(tunnel& device, std::size_t count) const {
  const auto stream = start(device, count);
  return device.wait([&] { return device.view(stream).received.size() == count + greeting_size; });
}

bool wait_for(std::chrono::milliseconds limit, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

std::string readiness(const gateway_process& gateway) {
  return fetch_plain(gateway.metrics_port(), "/readyz").body;
}

bool is_ready(const gateway_process& gateway) {
  return fetch_plain(gateway.metrics_port(), "/readyz").status == 200;
}

}
