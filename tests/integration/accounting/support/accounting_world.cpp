#include "accounting/support/accounting_world.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "httvps/base/encoding.hpp"
#include "httvps/base/failpoint.hpp"

namespace httvps::testing {
namespace {

constexpr auto booking_limit = std::chrono::seconds(20);
constexpr auto look_again = std::chrono::milliseconds(10);

std::string node_key(const ss_server& node) {
  const auto credentials =
      std::string(shadowsocks::name_of(node.method())) + ":" + std::string(server_password);
  return "ss://" + base::to_base64url(base::as_bytes(credentials)) +
         "@127.0.0.1:" + std::to_string(node.port());
}

usage_totals totals_in(const json_object& object) {
  return {.up = object.at("up").to_number<std::uint64_t>(),
          .down = object.at("down").to_number<std::uint64_t>()};
}

}

accounting_world::accounting_world(const std::map<std::string, std::string>& gateway_settings,
                                   const json_object& plan_terms)
    : gateway((fill_backend(plan_terms), options_for(gateway_settings))) {
  if (!gateway.wait_until_ready()) {
    throw std::runtime_error("the gateway is not ready: " + gateway.standard_error() +
                             gateway.log());
  }
  const auto identity = joined_gateway();
  auto enrolled = backend_.enrol(identity);
  token_ = enrolled.token;
  device_ = test_device{.id = enrolled.id, .key = std::move(enrolled.key)};
}

void accounting_world::fill_backend(const json_object& plan_terms) {
  json_object plan{{"code", "basic"}, {"name", "Basic"}, {"device_limit", 3}, {"session_limit", 8}};
  for (const auto& term : plan_terms) {
    plan[term.key()] = term.value();
  }
  backend_.user = backend_.admin_post("/users", {{"name", "Ada"}}).text("id");
  backend_.plan = backend_.admin_post("/plans", plan).text("id");
  backend_.subscription =
      backend_
          .admin_post("/subscriptions", {{"user_id", backend_.user}, {"plan_id", backend_.plan}})
          .text("id");
  const auto created = backend_.admin_post(
      "/nodes", {{"name", "orchard"}, {"region", "eu"}, {"access_key", node_key(node_)}});
  if (created.status != 201) {
    throw std::runtime_error("the node was refused: " + created.body);
  }
}

gateway_options accounting_world::options_for(
    const std::map<std::string, std::string>& settings) const {
  gateway_options options{
      .environment = {{"GATEWAY_BACKEND_URL", "http://" + backend_.process->address()},
                      {"GATEWAY_REGION", "eu"},
                      {"GATEWAY_TLS_CERTIFICATE", certificate_.chain_file()},
                      {"GATEWAY_TLS_KEY", certificate_.key_file()},
                      {"BACKEND_GATEWAY_SECRET", std::string(gateway_secret)},
                      {base::failpoints_variable, folder_.file("failpoints")}}};
  for (const auto& [name, value] : settings) {
    options.environment[name] = value;
  }
  return options;
}

gateway_identity accounting_world::joined_gateway() const {
  const auto joined =
      boost::json::parse(content_of(gateway.state_folder() + "/membership.json")).as_object();
  return {.id = text_at(joined, "gateway_id"),
          .credential = text_at(joined, "credential"),
          .box = identity::box_key::generate(base::secure_random())};
}

void accounting_world::tell_failpoints(const std::string& lines) const {
  const auto draft = folder_.file("failpoints.new");
  std::ofstream(draft, std::ios::trunc) << lines;
  std::filesystem::rename(draft, folder_.file("failpoints"));
}

std::unique_ptr<gateway_process> accounting_world::add_gateway(const std::string& name) const {
  auto added = std::make_unique<gateway_process>(options_for({{"GATEWAY_NAME", name}}));
  if (!added->wait_until_ready()) {
    throw std::runtime_error("the gateway is not ready: " + added->standard_error());
  }
  return added;
}

std::unique_ptr<tunnel> accounting_world::connect_to(const gateway_process& at) {
  const auto joined =
      boost::json::parse(content_of(at.state_folder() + "/membership.json")).as_object();
  gateway_place place{.port = at.public_port(),
                      .pin = certificate_.pin(),
                      .gateway_id = text_at(joined, "gateway_id"),
                      .path = text_at(joined, "path"),
                      .cookie = text_at(joined, "cookie")};
  tunnel_options chosen{.place = std::move(place), .knock = access_knock(token_, *device_)};
  return std::make_unique<tunnel>(std::move(chosen));
}

wire::stream_id accounting_world::start(tunnel& device, std::size_t count) const {
  return device.open(loopback_target(counted_.port()), pattern(count));
}

bool accounting_world::transfer(tunnel& device, std::size_t count) const {
  const auto stream = start(device, count);
  return device.wait([&] { return device.view(stream).received.size() == count + greeting_size; });
}

bool accounting_world::restart_gateway() {
  gateway.start_again();
  return gateway.wait_until_ready();
}

booked_usage accounting_world::booked() const {
  const auto answer = backend_.admin_get("/usage").json();
  return {.total = totals_in(answer.at("total").as_object()),
          .quarantined = totals_in(answer.at("quarantined").as_object())};
}

bool accounting_world::wait_until_booked(const usage_totals& wanted) const {
  const auto end = std::chrono::steady_clock::now() + booking_limit;
  while (!(booked().total == wanted)) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

bool accounting_world::wait_until_nothing_waits() const {
  return gateway.wait_until_zero("httvps_gateway_usage_spool_bytes");
}

}
