#include "fresh_calls.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <map>
#include <stdexcept>

#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::test_support {
namespace {

namespace json = boost::json;

constexpr std::string_view admin_area = "/api/v1/admin/";
constexpr std::string_view id_mark = "{id}";
constexpr std::chrono::minutes calm{6};

const std::map<std::string, std::string, std::less<>> bodies = {
    {"POST admins", R"({"name":"NAME","role":"support","password":"correct horse battery"})"},
    {"PATCH admins/{id}", R"({"state":"disabled"})"},
    {"POST me:password", R"({"present":"correct horse battery","fresh":"another horse battery"})"},
    {"POST me/totp:confirm", R"({"code":"123456"})"},
    {"POST me/totp:disable", R"({"password":"correct horse battery","code":"123456"})"},
    {"POST tokens", R"({"name":"NAME"})"},
    {"PATCH tokens/{id}", R"({"name":"NAME"})"},
    {"POST users", R"({"name":"NAME"})"},
    {"PATCH users/{id}", R"({"note":"called"})"},
    {"POST bulk/users", R"({"users":[{"name":"NAME"}]})"},
    {"POST users/{id}/enrolment-links", R"({"gateway_id":"GATEWAY"})"},
    {"POST users/{id}/enrolment-codes", R"({"gateway_id":"GATEWAY"})"},
    {"POST plans", R"({"code":"NAME","name":"Spare"})"},
    {"PATCH plans/{id}", R"({"name":"Renamed"})"},
    {"POST subscriptions", R"({"user_id":"STRANGER","plan_id":"PLAN"})"},
    {"PATCH subscriptions/{id}", R"({"quota_bytes":1000000})"},
    {"POST subscriptions/{id}:extend", R"({"days":3})"},
    {"PATCH devices/{id}", R"({"name":"renamed"})"},
    {"POST nodes", R"({"name":"NAME","region":"eu","host":"192.0.2.8","port":8388})"},
    {"PATCH nodes/{id}", R"({"weight":7})"},
    {"POST gateways", R"({"name":"NAME","region":"eu"})"},
    {"PATCH gateways/{id}", R"({"name":"NAME"})"},
    {"POST regions", R"({"code":"NAME"})"},
    {"PATCH regions/{id}", R"({"latitude_millionths":7,"longitude_millionths":8})"},
    {"POST regions/{id}:place", R"({"latitude_millionths":7,"longitude_millionths":8})"},
    {"PATCH settings", R"({"usage_journal_days":77})"},
    {"PATCH policy", R"({"carrier_idle_s":30})"},
    {"POST keys:rewrap", R"({"plan":false})"}};

const std::map<std::string, std::string, std::less<>> verbs_before = {{"resume", "suspend"},
                                                                      {"restore", "retire"},
                                                                      {"release", "quarantine"},
                                                                      {"undrain", "drain"},
                                                                      {"DELETE nodes", "drain"}};

std::string replaced(std::string text, std::string_view mark, const std::string& value) {
  if (const auto place = text.find(mark); place != std::string::npos) {
    text.replace(place, mark.size(), value);
  }
  return text;
}

std::string verb_of(const std::string& path) {
  const auto mark = path.rfind(':');
  return mark == std::string::npos ? "" : path.substr(mark + 1);
}

std::string area_of(const std::string& entity) {
  return entity.substr(0, entity.find('/'));
}

}

bool is_about_one(const api_operation& one) {
  return one.path.find(id_mark) != std::string::npos;
}

fresh_calls::fresh_calls(life_world& world)
    : world_(world), strict_(world.tools, {.secret_hash = services::hash_secret(join_secret)}) {}

std::string fresh_calls::unused(const std::string& stem) {
  return stem + std::to_string(++number_);
}

void fresh_calls::begin(bool waits_for_approval) {
  world_.clock.advance(calm);
  user_ = world_.add_user(unused("user"));
  plan_ = world_.add_plan({.code = unused("plan"), .duration_days = 30, .device_limit = 8});
  subscription_ = world_.subscribe(user_, plan_);
  const auto order = world_.join_order_for(unused("gate"));
  const auto& joined = waits_for_approval ? strict_ : world_.gateways;
  gateway_ = joined.join(order).value().gateway;
}

fresh_call fresh_calls::prepare(const api_operation& one) {
  const auto path = one.path.substr(admin_area.size());
  const auto verb = verb_of(path);
  begin(verb == "approve" || verb == "reject");
  fresh_call made{.method = one.method, .target = path, .entity = path, .body = {}};
  if (is_about_one(one)) {
    const auto area = path.substr(0, path.find('/'));
    made.entity = area + "/" + made_entity(area);
    made.target = made.entity + path.substr(area.size() + 1 + id_mark.size());
  }
  made.body = body_for(one.method + " " + path);
  lead_to(made, verb);
  return made;
}

std::string fresh_calls::body_for(const std::string& label) {
  const auto found = bodies.find(label);
  auto body = found == bodies.end() ? std::string() : found->second;
  body = replaced(std::move(body), "NAME", unused("name"));
  body = replaced(std::move(body), "GATEWAY", gateway_.id.text());
  body = replaced(std::move(body), "PLAN", plan_.id.text());
  if (body.find("STRANGER") != std::string::npos) {
    body = replaced(std::move(body), "STRANGER", world_.add_user(unused("stranger")).id.text());
  }
  return body;
}

void fresh_calls::lead_to(const fresh_call& call, const std::string& verb) const {
  const auto deleted = verbs_before.find(call.method + " " + area_of(call.entity));
  const auto before = deleted == verbs_before.end() ? verbs_before.find(verb) : deleted;
  if (before == verbs_before.end()) {
    return;
  }
  const auto done = world_.act(call.entity + ":" + before->second);
  if (done.status != 200) {
    throw std::runtime_error(call.entity + ":" + before->second + " answered " + done.body);
  }
}

std::string fresh_calls::posted(const std::string& area, std::string_view holder) {
  const auto made = world_.act(area, body_for("POST " + area));
  const auto document = json::parse(made.body).as_object();
  const auto* held = holder.empty() ? nullptr : document.if_contains(holder);
  const auto* id = (held != nullptr ? held->as_object() : document).if_contains("id");
  if (made.status != 201 || id == nullptr) {
    throw std::runtime_error(area + " answered " + made.body);
  }
  return std::string(id->as_string());
}

std::string fresh_calls::made_entity(const std::string& area) {
  auto made = made_of_accounts(area);
  return made.empty() ? made_of_the_pool(area) : made;
}

std::string fresh_calls::made_of_accounts(const std::string& area) {
  if (area == "users") {
    return user_.id.text();
  }
  if (area == "subscriptions") {
    return subscription_.subject.id.text();
  }
  if (area == "plans") {
    return world_.add_plan({.code = unused("plan")}).id.text();
  }
  if (area == "devices") {
    return world_.enrol(user_, gateway_).answer.device.id.text();
  }
  if (area == "enrolment-tickets") {
    world_.ticket_for(user_, gateway_);
    return world_.devices.tickets({.user = user_.id}).value().items.at(0).id.text();
  }
  if (area == "admins") {
    return posted(area);
  }
  return area == "tokens" ? posted(area, "token") : "";
}

std::string fresh_calls::made_of_the_pool(const std::string& area) {
  if (area == "gateways") {
    return gateway_.id.text();
  }
  if (area == "nodes") {
    return world_.add_agent_node(unused("node")).id.text();
  }
  if (area == "join-tokens") {
    return world_.gateways.invite(world_.chief, {.name = unused("invited"), .region = "eu"})
        .value()
        .id.text();
  }
  if (area == "regions") {
    return world_.act(area, body_for("POST regions")).text("code");
  }
  throw std::runtime_error("say in fresh_calls.cpp how one of " + area + " is made");
}

std::string fresh_calls::tag_of(const fresh_call& call) const {
  return world_.get(call.entity).header("ETag");
}

std::int64_t fresh_calls::lines() const {
  const auto found = world_.audit.newest({.size = 1}).value();
  return found.items.empty() ? 0 : found.items.front().seq;
}

api_reply fresh_calls::send(const fresh_call& call, const net::http_fields& headers) const {
  return world_.call({.method = call.method,
                      .target = std::string(admin_area) + call.target,
                      .token = world_.chief_token,
                      .body = call.body,
                      .headers = headers});
}

}
