#include "control_exchange.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace httvps::gateway {
namespace {

constexpr auto request_limit = std::chrono::seconds(10);
constexpr std::size_t body_limit = 64 * 1024;
constexpr std::size_t head_limit = 8 * 1024;

struct route {
  std::string_view method;
  std::string_view path;
};

constexpr std::array routes = {
    route{"POST", "/api/v1/devices/enrol"}, route{"POST", "/api/v1/devices/token"},
    route{"GET", "/api/v1/devices/config"}, route{"GET", "/api/v1/me"},
    route{"GET", "/api/v1/me/devices"},     route{"GET", "/api/v1/regions"},
};

constexpr std::string_view own_device_prefix = "/api/v1/me/devices/";
constexpr std::string_view config_of_region_prefix = "/api/v1/devices/config?region=";
constexpr std::size_t longest_region = 32;
constexpr std::string_view revoke_suffix = ":revoke";
constexpr std::size_t longest_id = 64;

bool is_id_byte(char byte) noexcept {
  return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z');
}

bool is_own_revocation(const net::http_request& request) noexcept {
  std::string_view id = request.target;
  if (request.method != "POST" || !id.starts_with(own_device_prefix) ||
      !id.ends_with(revoke_suffix)) {
    return false;
  }
  id.remove_prefix(own_device_prefix.size());
  id.remove_suffix(std::min(id.size(), revoke_suffix.size()));
  return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, is_id_byte);
}

bool is_region_byte(char byte) noexcept {
  return byte == '-' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z');
}

bool is_config_of_region(const net::http_request& request) noexcept {
  std::string_view region = request.target;
  if (request.method != "GET" || !region.starts_with(config_of_region_prefix)) {
    return false;
  }
  region.remove_prefix(config_of_region_prefix.size());
  return !region.empty() && region.size() <= longest_region &&
         std::ranges::all_of(region, is_region_byte);
}

net::http_response problem(int status, std::string_view code) {
  net::http_response response;
  response.status = status;
  response.headers.add("Content-Type", "application/problem+json");
  response.body = std::string(R"({"type":"urn:httvps:problem:)")
                      .append(code)
                      .append(R"(","code":")")
                      .append(code)
                      .append(R"("})");
  return response;
}

net::http_request kept_part(net::http_request request) {
  net::http_request kept;
  kept.method = std::move(request.method);
  kept.target = std::move(request.target);
  kept.body = std::move(request.body);
  for (const auto* name : {"Authorization", "Content-Type"}) {
    if (const auto value = request.headers.find(name)) {
      kept.headers.add(name, std::string(*value));
    }
  }
  return kept;
}

}

bool is_forwarded(const net::http_request& request) noexcept {
  const bool is_listed = std::ranges::any_of(routes, [&request](const route& each) {
    return each.method == request.method && each.path == request.target;
  });
  return is_listed || is_own_revocation(request) || is_config_of_region(request);
}

control_exchange::control_exchange(hosted_session& host, wire::stream_id stream)
    : host_(host),
      stream_(stream),
      progress_(host.environment_.runs_on),
      parser_({.head_limit = head_limit, .body_limit = body_limit}) {}

base::result<bool> control_exchange::read_request() {
  while (!parser_.is_done()) {
    const auto bytes = host_.session().peek(stream_);
    if (bytes.empty()) {
      return false;
    }
    const auto fed = parser_.feed(bytes);
    host_.session().consume(stream_, bytes.size(), host_.now());
    HTTVPS_CHECK(fed);
  }
  return true;
}

net::task<> control_exchange::run() {
  const auto self = shared_from_this();
  auto outcome = co_await serve();
  host_.exchanges_.erase(stream_);
  co_return outcome;
}

net::task<> control_exchange::serve() {
  const auto deadline = host_.now() + request_limit;
  auto complete = read_request();
  while (complete && !*complete && !aborted_) {
    HTTVPS_CO_CHECK(co_await progress_.wait(deadline));
    complete = read_request();
  }
  if (aborted_) {
    co_return base::result<void>();
  }
  if (!complete) {
    co_return co_await answer(problem(400, "request_malformed"));
  }
  auto request = parser_.take();
  if (!is_forwarded(request)) {
    co_return co_await answer(problem(404, "not_found"));
  }
  auto response = co_await host_.environment_.control.forward(kept_part(std::move(request)));
  if (!response) {
    co_return co_await answer(problem(503, "backend_unavailable"));
  }
  co_return co_await answer(std::move(*response));
}

net::task<> control_exchange::answer(net::http_response response) {
  response.headers.remove("Transfer-Encoding");
  response.headers.set("Content-Length", std::to_string(response.body.size()));
  response.headers.set("Connection", "close");
  const auto text = net::serialise(response);
  auto rest = base::as_bytes(text);
  while (!aborted_ && !rest.empty()) {
    rest = rest.subspan(host_.session().write(stream_, rest));
    host_.progress();
    if (!rest.empty()) {
      host_.session().await_room(stream_, 1);
      HTTVPS_CO_CHECK(co_await progress_.wait(host_.now() + request_limit));
    }
  }
  if (!aborted_) {
    host_.session().finish(stream_, host_.now());
    host_.progress();
  }
  co_return base::result<void>();
}

void control_exchange::abort() {
  aborted_ = true;
  progress_.notify();
}

}
