#include "support/api_caller.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "httvps/identity/device_proof.hpp"
#include "httvps/net/http_parser.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

boost::json::string_view to_json(std::string_view text) {
  return {text.data(), text.size()};
}

}

json_object api_answer::json() const {
  boost::system::error_code failure;
  auto value = boost::json::parse(body, failure);
  return value.is_object() ? value.as_object() : json_object();
}

std::string text_at(const json_object& object, std::string_view field) {
  const auto* found = object.if_contains(to_json(field));
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::string api_answer::text(std::string_view field) const {
  return text_at(json(), field);
}

api_answer api_caller::send(net::http_request request) const {
  request.headers.set("Host", address_);
  request.headers.set("Connection", "close");
  if (request.method != "GET") {
    request.headers.set("Content-Length", std::to_string(request.body.size()));
  }
  const auto connection = connect_loopback(port_of(address_));
  const auto text = net::serialise(request);
  if (!connection) {
    throw std::runtime_error("the backend does not take a request");
  }
  connection.send_all(base::as_bytes(text));
  net::http_response_parser parser(
      {.body_limit = 8 * 1024 * 1024, .request_method = request.method});
  const auto bytes = receive_until_end(connection);
  if (!parser.feed(bytes) || !parser.is_done()) {
    throw std::runtime_error("the backend gives no whole answer");
  }
  auto response = parser.take();
  return {.status = response.status,
          .headers = std::move(response.headers),
          .body = std::move(response.body)};
}

api_answer api_caller::get(std::string_view path, std::string_view credential) const {
  net::http_request request{.method = "GET", .target = std::string(path)};
  if (!credential.empty()) {
    request.headers.add("Authorization", std::string("Bearer ").append(credential));
  }
  return send(std::move(request));
}

api_answer api_caller::post(std::string_view path, std::string_view credential,
                            const json_object& content) const {
  net::http_request request{.method = "POST", .target = std::string(path)};
  request.headers.add("Content-Type", "application/json");
  if (!credential.empty()) {
    request.headers.add("Authorization", std::string("Bearer ").append(credential));
  }
  request.body = boost::json::serialize(content);
  return send(std::move(request));
}

net::http_request proven_request(std::string_view method, std::string_view path,
                                 const device_identity& device) {
  net::http_request request{.method = std::string(method), .target = std::string(path)};
  request.body = method == "POST" ? "{}" : "";
  const auto header = identity::build_device_proof(
      {.method = request.method, .path = request.target, .body = base::as_bytes(request.body)},
      {.token = device.token, .device = device.key, .now = base::real_clock().system_now()});
  request.headers.add("Authorization", *header);
  return request;
}

}
