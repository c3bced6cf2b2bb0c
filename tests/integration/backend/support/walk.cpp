#include "support/walk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

#include "httvps/base/encoding.hpp"

namespace httvps::testing {
namespace {

std::string pin_text(std::uint8_t fill) {
  const base::byte_vector pin(32, fill);
  return base::to_base64url(pin);
}

constexpr std::chrono::seconds patience{20};
constexpr std::chrono::milliseconds pause{20};

bool holds_soon(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  bool held = condition();
  while (!held && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(pause);
    held = condition();
  }
  return held;
}

void expect_success(const api_answer& answer) {
  if (answer.status / 100 != 2) {
    throw std::runtime_error("refused: " + std::to_string(answer.status) + " " + answer.body);
  }
}

}

std::string planted_access_key() {
  const auto user = std::string("aes-256-gcm:").append(planted_password);
  return "ss://" + base::to_base64url(base::as_bytes(user)) + "@192.0.2.7:8388";
}

walk::walk(environment more, test_servers::test_engine engine)
    : folder(engine), variables(folder.usual_environment()) {
  for (auto& [name, value] : more) {
    variables[name] = value;
  }
  restart();
}

void walk::restart() {
  process.reset();
  process = std::make_unique<backend_process>(folder, variables);
  api = std::make_unique<api_caller>(process->address());
}

bool walk::wait_until_posted() const {
  return holds_soon([this] {
    return metrics().find("\nhttvps_backend_usage_postings_waiting 0\n") != std::string::npos;
  });
}

std::int64_t walk::counted(std::string_view direction) const {
  const auto total = admin_get("/usage").json().at("total").as_object();
  return total.at(boost::json::string_view(direction.data(), direction.size()))
      .to_number<std::int64_t>();
}

std::int64_t walk::counted(std::string_view direction, std::int64_t expected) const {
  std::int64_t found = 0;
  holds_soon([&] { return (found = counted(direction)) == expected; });
  return found;
}

std::string walk::metrics() const {
  return api_caller(process->metrics_address()).get("/metrics", "").body;
}

api_answer walk::admin_get(std::string_view path) const {
  return api->get(std::string("/api/v1/admin").append(path), folder.admin_token());
}

api_answer walk::admin_post(std::string_view path, const json_object& content) const {
  return api->post(std::string("/api/v1/admin").append(path), folder.admin_token(), content);
}

api_answer walk::admin_patch(std::string_view path, const json_object& content) const {
  net::http_request request;
  request.method = "PATCH";
  request.target = std::string("/api/v1/admin").append(path);
  request.body = boost::json::serialize(content);
  request.headers.add("Content-Type", "application/json");
  request.headers.add("If-Match", "*");
  request.headers.add("Authorization", "Bearer " + folder.admin_token());
  return api->send(std::move(request));
}

json_object walk::join_body(std::string_view name, const identity::box_key& box) const {
  return {{"secret", boost::json::string(gateway_secret.data(), gateway_secret.size())},
          {"name", boost::json::string(name.data(), name.size())},
          {"region", "eu"},
          {"host", "gate.example"},
          {"addresses", boost::json::array{"127.0.0.1:443"}},
          {"pins", boost::json::array{pin_text(1), pin_text(2)}},
          {"x25519_public", box.public_part().to_base64url()}};
}

gateway_identity walk::join(std::string_view name) {
  auto box = identity::box_key::generate(base::secure_random());
  const auto answer = api->post("/api/v1/gateway/join", "", join_body(name, box));
  expect_success(answer);
  return {.id = answer.text("gateway_id"),
          .credential = answer.text("credential"),
          .box = std::move(box)};
}

void walk::fill() {
  user = admin_post("/users", {{"name", "Ada"}}).text("id");
  plan = admin_post(
             "/plans",
             {{"code", "basic"}, {"name", "Basic"}, {"quota_bytes", 1000000}, {"device_limit", 3}})
             .text("id");
  subscription = admin_post("/subscriptions", {{"user_id", user}, {"plan_id", plan}}).text("id");
  const auto created = admin_post(
      "/nodes", {{"name", "orchard"}, {"region", "eu"}, {"access_key", planted_access_key()}});
  expect_success(created);
  node = text_at(created.json().at("node").as_object(), "id");
  node_credential = created.text("credential");
}

std::string walk::link_for(const gateway_identity& gateway) {
  const auto answer =
      admin_post("/users/" + user + "/enrolment-links", {{"gateway_id", gateway.id}});
  expect_success(answer);
  return answer.text("link");
}

json_object walk::enrol_body(const std::string& ticket, const identity::signing_key& key) const {
  return {{"ticket", ticket},
          {"device_key", key.public_part().to_base64url()},
          {"name", "laptop"},
          {"platform", "linux"}};
}

api_answer walk::enrol_with(const gateway_identity& gateway, const json_object& body) const {
  net::http_request request{.method = "POST", .target = "/api/v1/devices/enrol"};
  request.headers.add("X-HTTVPS-Gateway", "Bearer " + gateway.credential);
  request.body = boost::json::serialize(body);
  return api->send(std::move(request));
}

enrolled_device walk::enrol(const gateway_identity& gateway) {
  const auto link = identity::parse_enrolment_link(link_for(gateway));
  auto key = identity::signing_key::generate(base::secure_random());
  const auto answer = enrol_with(gateway, enrol_body(link->ticket, key));
  expect_success(answer);
  return {.id = answer.text("device_id"), .token = answer.text("token"), .key = std::move(key)};
}

api_answer walk::as_device(const gateway_identity& gateway, const enrolled_device& device,
                           std::string_view method, std::string_view path) const {
  auto request = proven_request(method, path, {.key = device.key, .token = device.token});
  request.headers.add("X-HTTVPS-Gateway", "Bearer " + gateway.credential);
  return api->send(std::move(request));
}

api_answer walk::as_gateway(const gateway_identity& gateway, std::string_view path,
                            const json_object& content) const {
  return api->post(path, gateway.credential, content);
}

}
