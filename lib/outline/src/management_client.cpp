#include "httvps/outline/management_client.hpp"

#include <utility>

#include "documents.hpp"
#include "exchange.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::outline {
namespace {

constexpr int ok = 200;
constexpr int created = 201;
constexpr int no_content = 204;
constexpr std::size_t name_most = 100;
constexpr std::size_t id_most = 128;
constexpr std::size_t hostname_most = 253;

bool is_between(std::string_view text, std::size_t most) noexcept {
  return !text.empty() && text.size() <= most;
}

bool is_key_id(std::string_view id) noexcept {
  return is_between(id, id_most) && id != "." && id != "..";
}

template <typename Decode>
auto decoded(base::result<std::string> body, Decode decode) -> decltype(decode(*body)) {
  HTTVPS_TRY(const auto text, std::move(body));
  return decode(text);
}

}

base::result<management_client> management_client::make(management_access access,
                                                        management_limits limits) {
  HTTVPS_TRY(auto tls, net::tls_context::make_client(
                           {.leaf_pins = {access.certificate}, .alpn = {"http/1.1"}}));
  return management_client(std::move(access), limits, std::move(tls));
}

management_client::management_client(management_access access, management_limits limits,
                                     net::tls_context tls)
    : access_(std::move(access)), limits_(limits), tls_(std::move(tls)) {}

base::result<net::http_response> management_client::exchange(request what) const {
  net::http_request message;
  message.method = what.method;
  message.target = std::string(access_.path.reveal_text()) + what.target;
  message.headers = {{"Host", net::to_text(access_.place)}, {"Connection", "close"}};
  if (!what.body.empty()) {
    message.headers.add("Content-Type", "application/json");
    message.body = std::move(what.body);
  }
  exchange_plan plan{.place = access_.place,
                     .tls = tls_,
                     .request = std::move(message),
                     .answer_most = limits_.answer_most,
                     .deadline = net::deadline_after(limits_.whole_exchange)};
  return run_exchange(std::move(plan));
}

base::result<std::string> management_client::expect(request what, int status) const {
  HTTVPS_TRY(auto answer, exchange(std::move(what)));
  if (answer.status != status) {
    return base::fail(refusal_of(answer.status, answer.body));
  }
  return std::move(answer.body);
}

base::result<std::string> management_client::about_key(std::string_view id, request what,
                                                       int status) const {
  if (!is_key_id(id)) {
    return base::fail(errc::argument_invalid);
  }
  what.target = "/access-keys/" + base::percent_encode(id) + what.target;
  return expect(std::move(what), status);
}

base::result<managed_server> management_client::server() const {
  return decoded(expect({.method = "GET", .target = "/server"}, ok), decode_server);
}

base::result<std::vector<managed_key>> management_client::keys() const {
  return decoded(expect({.method = "GET", .target = "/access-keys"}, ok), decode_keys);
}

base::result<managed_key> management_client::key(std::string_view id) const {
  return decoded(about_key(id, {.method = "GET", .target = ""}, ok), decode_key);
}

base::result<managed_key> management_client::create_key(const key_wish& wish) const {
  HTTVPS_TRY(auto body, encode_wish(wish));
  return decoded(
      expect({.method = "POST", .target = "/access-keys", .body = std::move(body)}, created),
      decode_key);
}

base::result<managed_key> management_client::create_key_as(std::string_view id,
                                                           const key_wish& wish) const {
  HTTVPS_TRY(auto body, encode_wish(wish));
  return decoded(about_key(id, {.method = "PUT", .target = "", .body = std::move(body)}, created),
                 decode_key);
}

base::result<void> management_client::rename_key(std::string_view id, std::string_view name) const {
  if (!is_between(name, name_most)) {
    return base::fail(errc::argument_invalid);
  }
  HTTVPS_CHECK(about_key(
      id, {.method = "PUT", .target = "/name", .body = encode_text("name", name)}, no_content));
  return {};
}

base::result<void> management_client::limit_key(std::string_view id, base::byte_count most) const {
  HTTVPS_CHECK(about_key(id, {.method = "PUT", .target = "/data-limit", .body = encode_limit(most)},
                         no_content));
  return {};
}

base::result<void> management_client::unlimit_key(std::string_view id) const {
  HTTVPS_CHECK(about_key(id, {.method = "DELETE", .target = "/data-limit"}, no_content));
  return {};
}

base::result<void> management_client::remove_key(std::string_view id) const {
  HTTVPS_CHECK(about_key(id, {.method = "DELETE", .target = ""}, no_content));
  return {};
}

base::result<void> management_client::use_hostname(std::string_view hostname) const {
  if (!is_between(hostname, hostname_most)) {
    return base::fail(errc::argument_invalid);
  }
  HTTVPS_CHECK(expect({.method = "PUT",
                       .target = "/server/hostname-for-access-keys",
                       .body = encode_text("hostname", hostname)},
                      no_content));
  return {};
}

base::result<void> management_client::use_port_for_new_keys(std::uint16_t port) const {
  if (port == 0) {
    return base::fail(errc::argument_invalid);
  }
  HTTVPS_CHECK(expect(
      {.method = "PUT", .target = "/server/port-for-new-access-keys", .body = encode_port(port)},
      no_content));
  return {};
}

base::result<transferred> management_client::transfer() const {
  return decoded(expect({.method = "GET", .target = "/metrics/transfer"}, ok), decode_transfer);
}

}
