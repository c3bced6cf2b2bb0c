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
constexpr std::size_t subscriber_count = 2;

std::string node_key(const ss_server& node) {
  const auto credentials =
      std::string(shadowsocks::name_of(node.method())) + ":" + std::string(server_password);
  return "ss://" + base::to_base64url(base::as_bytes(credentials)) +
         "@127.0.0.1:" + std::to_string(node.port());
}

environment backend_settings(const temporary_folder& folder, const std::string& address) {
  return {{"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
          {"BACKEND_LISTEN", address},
          {"BACKEND_USAGE_ROLLUP", "100"},
          {"BACKEND_ADMIN_RATE", "10000"},
          {"BACKEND_DEVICE_RATE", "10000"},
          {base::failpoints_variable, folder.file("failpoints")}};
}

usage_totals traffic_in(const json_object& object, const char* up, const char* down) {
  return {.up = object.at(up).to_number<std::uint64_t>(),
          .down = object.at(down).to_number<std::uint64_t>()};
}

usage_totals totals_in(const json_object& object) {
  return traffic_in(object, "up", "down");
}

void add(usage_totals& sum, const usage_totals& more) {
  sum.up += more.up;
  sum.down += more.down;
}

template <typename Condition>
bool wait_for(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + booking_limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

double value_in(const std::string& exposition, const std::string& name) {
  const auto line = exposition.find("\n" + name + " ");
  return line == std::string::npos ? -1 : std::stod(exposition.substr(line + name.size() + 2));
}

}

accounting_world::accounting_world(const std::map<std::string, std::string>& gateway_settings,
                                   const json_object& plan_terms)
    : backend_address_("127.0.0.1:" + std::to_string(free_port())),
      backend_(backend_settings(folder_, backend_address_)),
      gateway((fill_backend(plan_terms), options_for(gateway_settings))) {
  if (!gateway.wait_until_ready()) {
    throw std::runtime_error("the gateway is not ready: " + gateway.standard_error() +
                             gateway.log());
  }
  const auto identity = joined_gateway();
  for (std::size_t i = 0; i < subscriber_count; ++i) {
    add_subscriber("Ada " + std::to_string(i), identity);
  }
  backend_.user = subscribers_.front().user;
  backend_.subscription = subscribers_.front().subscription;
}

void accounting_world::fill_backend(const json_object& plan_terms) {
  json_object plan{{"code", "basic"}, {"name", "Basic"}, {"device_limit", 3}, {"session_limit", 8}};
  for (const auto& term : plan_terms) {
    plan[term.key()] = term.value();
  }
  backend_.plan = backend_.admin_post("/plans", plan).text("id");
  add_node("orchard", orchard_);
  add_node("meadow", meadow_);
}

void accounting_world::add_node(const std::string& name, const ss_server& server) {
  const auto created = backend_.admin_post(
      "/nodes", {{"name", name}, {"region", "eu"}, {"access_key", node_key(server)}});
  if (created.status != 201) {
    throw std::runtime_error("the node was refused: " + created.body);
  }
  node_of_address_[server.outgoing_address()] =
      text_at(created.json().at("node").as_object(), "id");
}

void accounting_world::add_subscriber(const std::string& name, const gateway_identity& identity) {
  backend_.user = backend_.admin_post("/users", {{"name", name}}).text("id");
  const auto subscription =
      backend_
          .admin_post("/subscriptions", {{"user_id", backend_.user}, {"plan_id", backend_.plan}})
          .text("id");
  auto enrolled = backend_.enrol(identity);
  subscribers_.push_back({.user = backend_.user,
                          .subscription = subscription,
                          .token = enrolled.token,
                          .device = {.id = enrolled.id, .key = std::move(enrolled.key)},
                          .origin = std::make_unique<sorting_origin>()});
}

std::size_t accounting_world::add_device() {
  auto enrolled = backend_.enrol(joined_gateway());
  subscribers_.push_back({.user = backend_.user,
                          .subscription = backend_.subscription,
                          .token = enrolled.token,
                          .device = {.id = enrolled.id, .key = std::move(enrolled.key)},
                          .origin = std::make_unique<sorting_origin>()});
  return subscribers_.size() - 1;
}

gateway_options accounting_world::options_for(
    const std::map<std::string, std::string>& settings) const {
  gateway_options options{.environment = {{"GATEWAY_BACKEND_URL", "http://" + backend_address_},
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

std::unique_ptr<tunnel> accounting_world::connect_to(const gateway_process& at, std::size_t who) {
  const auto joined =
      boost::json::parse(content_of(at.state_folder() + "/membership.json")).as_object();
  gateway_place place{.port = at.public_port(),
                      .pin = certificate_.pin(),
                      .gateway_id = text_at(joined, "gateway_id"),
                      .path = text_at(joined, "path"),
                      .cookie = text_at(joined, "cookie")};
  const auto& owner = subscribers_.at(who);
  tunnel_options chosen{.place = std::move(place),
                        .knock = access_knock(owner.token, owner.device)};
  return std::make_unique<tunnel>(std::move(chosen));
}

wire::stream_id accounting_world::start(tunnel& device, std::size_t count, std::size_t who) const {
  return device.open(loopback_target(subscribers_.at(who).origin->port()), pattern(count));
}

bool accounting_world::transfer(tunnel& device, std::size_t count, std::size_t who) const {
  const auto stream = start(device, count, who);
  return device.wait([&] { return device.view(stream).received.size() == count + greeting_size; });
}

bool accounting_world::restart_gateway() {
  gateway.start_again();
  return gateway.wait_until_ready();
}

void accounting_world::restart_backend() {
  backend_.restart();
}

std::optional<int> accounting_world::wait_for_backend_exit(std::chrono::milliseconds limit) {
  return backend_.process->wait_for_exit(limit);
}

double accounting_world::backend_metric(const std::string& name) const {
  return value_in(backend_.metrics(), name);
}

bool accounting_world::wait_until_rolled_up() const {
  return wait_for([&] {
    return backend_metric("httvps_backend_usage_rollup_batches_total") > 0 &&
           backend_metric("httvps_backend_usage_backlog_batches") == 0;
  });
}

bool accounting_world::wait_until_admissions_are_written() const {
  return wait_for([&] { return backend_metric("httvps_backend_admission_notes_waiting") == 0; });
}

booked_usage accounting_world::booked() const {
  wait_for([&] { return backend_metric("httvps_backend_usage_postings_waiting") == 0; });
  const auto answer = backend_.admin_get("/usage").json();
  booked_usage found{.total = totals_in(answer.at("total").as_object()),
                     .quarantined = totals_in(answer.at("quarantined").as_object()),
                     .books = {}};
  for (const auto& item : answer.at("items").as_array()) {
    const auto& row = item.as_object();
    add(found.books.places[{text_at(row, "device_id"), text_at(row, "node_id")}], totals_in(row));
  }
  for (const auto& owner : subscribers_) {
    const auto seen = backend_.admin_get("/subscriptions/" + owner.subscription).json();
    const auto used = traffic_in(seen, "used_up", "used_down");
    if (used != usage_totals{}) {
      found.books.subscriptions[owner.subscription] = used;
    }
  }
  return found;
}

account_books accounting_world::carried() const {
  account_books books;
  for (const auto& owner : subscribers_) {
    for (const auto& [address, totals] : owner.origin->totals()) {
      add(books.places[{owner.device.id, node_of_address_.at(address)}], totals);
      add(books.subscriptions[owner.subscription], totals);
    }
  }
  return books;
}

usage_totals accounting_world::truth() const {
  usage_totals all;
  for (const auto& [owner, totals] : carried().subscriptions) {
    add(all, totals);
  }
  return all;
}

bool accounting_world::wait_until_booked(const usage_totals& wanted) const {
  return wait_for([&] { return booked().total == wanted; });
}

bool accounting_world::wait_until_nothing_waits() const {
  return gateway.wait_until_zero("httvps_gateway_usage_spool_bytes");
}

}
