#include <algorithm>
#include <boost/json.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"
#include "management_double.hpp"

namespace httvps::outline::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t generated_password = 22;
constexpr std::size_t name_most = 100;
constexpr const char* methods[] = {"chacha20-ietf-poly1305", "aes-128-gcm", "aes-192-gcm",
                                   "aes-256-gcm"};

json::object problem(const std::string& code, const std::string& message) {
  return {{"code", code}, {"message", message}};
}

bool is_text(const json::object& body, const char* name) {
  return body.contains(name) && body.at(name).is_string();
}

std::string text_of(const json::object& body, const char* name) {
  return std::string(body.at(name).as_string());
}

std::string make_password() {
  auto text = base::to_base64url(base::secure_random().take<32>());
  std::erase_if(text, [](char letter) { return letter == '-' || letter == '_'; });
  return text.substr(0, generated_password);
}

bool is_port(const json::value& value) {
  return value.is_int64() && value.get_int64() > 0 && value.get_int64() < 65536;
}

}

net::http_response management_double::handle(const net::http_request& request) {
  const std::scoped_lock hold(guard_);
  const auto prefix = "/" + prefix_;
  reply chosen{.status = 404, .body = problem("ResourceNotFound", request.target)};
  const auto offered = std::string_view(request.target).substr(0, prefix.size());
  if (base::equal_in_constant_time(base::as_bytes(offered), base::as_bytes(prefix))) {
    chosen = route(request, request.target.substr(prefix.size()));
  }
  net::http_response response;
  response.status = chosen.status;
  if (chosen.has_body) {
    response.headers.add("Content-Type", "application/json");
    response.body = json::serialize(chosen.body);
  }
  return response;
}

management_double::reply management_double::route(const net::http_request& request,
                                                  std::string target) {
  json::error_code failure;
  const auto value =
      request.body.empty() ? json::value(json::object()) : json::parse(request.body, failure);
  if (failure || !value.is_object()) {
    return {.status = 400, .body = problem("InvalidContent", "Invalid JSON")};
  }
  const auto& body = value.get_object();
  if (target == "/server" && request.method == "GET") {
    return {.body = describe_server()};
  }
  if (target == "/access-keys" && request.method == "POST") {
    return body.contains("id") ? reply{.status = 400, .body = problem("InvalidArgument", "id")}
                               : make_key(body, std::nullopt);
  }
  if (target == "/access-keys") {
    json::array all;
    for (const auto& [id, key] : keys_) {
      all.push_back(describe(key));
    }
    return {.body = {{"accessKeys", std::move(all)}}};
  }
  if (target.starts_with("/access-keys/")) {
    return route_key(request, target.substr(std::string_view("/access-keys/").size()));
  }
  if (target == "/metrics/transfer") {
    json::object by_key;
    for (const auto& [id, bytes] : traffic_) {
      by_key[id] = bytes;
    }
    return {.body = {{"bytesTransferredByUserId", std::move(by_key)}}};
  }
  if (target == "/server/hostname-for-access-keys") {
    if (!is_text(body, "hostname") || text_of(body, "hostname").find(' ') != std::string::npos) {
      return {.status = 400, .body = problem("InvalidArgument", "hostname")};
    }
    hostname_ = text_of(body, "hostname");
    return {.status = 204, .has_body = false};
  }
  if (target == "/server/port-for-new-access-keys") {
    if (!body.contains("port") || !is_port(body.at("port"))) {
      return {.status = 400, .body = problem("InvalidArgument", "port")};
    }
    if (body.at("port").as_int64() == port_) {
      return {.status = 409, .body = problem("Conflict", std::to_string(port_))};
    }
    port_for_keys_ = static_cast<std::uint16_t>(body.at("port").as_int64());
    return {.status = 204, .has_body = false};
  }
  return {.status = 404, .body = problem("ResourceNotFound", target)};
}

management_double::reply management_double::route_key(const net::http_request& request,
                                                      const std::string& rest) {
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto id = base::percent_decode(rest.substr(0, slash)).value();
  const auto part = rest.substr(slash);
  const auto body = request.body.empty() ? json::object() : json::parse(request.body).as_object();
  if (part.empty() && request.method == "PUT") {
    return keys_.contains(id)
               ? reply{.status = 409,
                       .body = problem("Conflict", "Access key \"" + id + "\" conflict")}
               : make_key(body, id);
  }
  const auto found = keys_.find(id);
  if (found == keys_.end()) {
    return {.status = 404, .body = problem("NotFoundError", "Access key \"" + id + "\" not found")};
  }
  if (part.empty() && request.method == "GET") {
    return {.body = describe(found->second)};
  }
  if (part.empty()) {
    keys_.erase(found);
  } else if (part == "/name") {
    if (!body.contains("name")) {
      return {.status = 400, .body = problem("MissingParameter", "Parameter `name` is missing")};
    }
    if (!is_text(body, "name") || text_of(body, "name").size() > name_most) {
      return {.status = 409, .body = problem("InvalidArgument", "name")};
    }
    found->second.name = text_of(body, "name");
  } else if (request.method == "DELETE") {
    found->second.limit.reset();
  } else {
    return set_limit(found->second, body);
  }
  return {.status = 204, .has_body = false};
}

management_double::reply management_double::set_limit(double_key& key, const json::object& body) {
  if (!body.contains("limit")) {
    key.limit.reset();
    return {.status = 204, .has_body = false};
  }
  const auto* limit = body.at("limit").if_object();
  const auto* bytes = limit != nullptr ? limit->if_contains("bytes") : nullptr;
  json::error_code failure;
  const auto number = bytes != nullptr ? bytes->to_number<std::uint64_t>(failure) : 0;
  if (bytes == nullptr || failure) {
    return {.status = 400, .body = problem("InvalidArgument", "limit")};
  }
  key.limit = number;
  return {.status = 204, .has_body = false};
}

management_double::reply management_double::make_key(const json::object& wish,
                                                     std::optional<std::string> id) {
  double_key key{.id = id.value_or(std::to_string(next_id_)), .port = port_for_keys_};
  key.name = is_text(wish, "name") ? text_of(wish, "name") : std::string();
  key.method = is_text(wish, "method") ? text_of(wish, "method") : key.method;
  key.password = is_text(wish, "password") ? text_of(wish, "password") : make_password();
  if (std::ranges::find(methods, key.method) == std::end(methods) ||
      (wish.contains("port") && !is_port(wish.at("port")))) {
    return {.status = 400, .body = problem("InvalidArgument", "cipher or port")};
  }
  key.port =
      wish.contains("port") ? static_cast<std::uint16_t>(wish.at("port").as_int64()) : key.port;
  if (key.port == port_) {
    return {.status = 409, .body = problem("Conflict", std::to_string(key.port))};
  }
  if (std::ranges::any_of(keys_,
                          [&](const auto& each) { return each.second.password == key.password; })) {
    return {.status = 409, .body = problem("Conflict", "Access key with this password exists")};
  }
  if (wish.contains("limit")) {
    if (const auto refused = set_limit(key, wish); refused.status != 204) {
      return refused;
    }
  }
  next_id_ += id ? 0 : 1;
  keys_[key.id] = key;
  return {.status = 201, .body = describe(key)};
}

json::object management_double::describe(const double_key& key) const {
  const auto user = base::to_base64url(base::as_bytes(key.method + ":" + key.password));
  json::object described{{"id", key.id},
                         {"name", key.name},
                         {"password", key.password},
                         {"port", key.port},
                         {"method", key.method},
                         {"accessUrl", "ss://" + user + "@" + hostname_ + ":" +
                                           std::to_string(key.port) + "/?outline=1"}};
  if (key.limit) {
    described["dataLimit"] = json::object{{"bytes", *key.limit}};
  }
  return described;
}

json::object management_double::describe_server() const {
  return {{"name", "Test server"},
          {"serverId", "40f1b4a3-5c82-45f4-80a6-a25cf36734d3"},
          {"metricsEnabled", false},
          {"createdTimestampMs", 1536613192052},
          {"version", "1.12.3"},
          {"portForNewAccessKeys", port_for_keys_},
          {"hostnameForAccessKeys", hostname_}};
}

}
