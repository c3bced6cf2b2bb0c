#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/websocket_link.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t key_size = 16;
constexpr std::size_t read_size = 4096;

bool asks_for_websocket(const http_request& head) {
  const auto version = head.headers.find("Sec-WebSocket-Version");
  return head.method == "GET" && head.minor_version == 1 && head.headers.count("Host") == 1 &&
         head.headers.has_token("Upgrade", "websocket") &&
         head.headers.has_token("Connection", "upgrade") && version == "13";
}

http_request upgrade_request(websocket_request wanted, std::string key) {
  http_request request = {.target = std::move(wanted.target)};
  request.headers.add("Host", std::move(wanted.host));
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Sec-WebSocket-Version", "13");
  request.headers.add("Sec-WebSocket-Key", std::move(key));
  for (const auto& field : wanted.headers) {
    request.headers.add(field.name, field.value);
  }
  return request;
}

base::result<> check_answer(const http_response& answer, std::string_view key) {
  const bool accepted = answer.status == 101 && answer.headers.has_token("Upgrade", "websocket") &&
                        answer.headers.has_token("Connection", "upgrade") &&
                        answer.headers.find("Sec-WebSocket-Accept") == websocket_accept_for(key);
  if (!accepted) {
    return base::fail(errc::websocket_upgrade_refused);
  }
  return {};
}

}

base::result<std::string> websocket_key_of(const http_request& head) {
  const auto key = head.headers.find("Sec-WebSocket-Key");
  if (!asks_for_websocket(head) || !key || head.headers.count("Sec-WebSocket-Key") != 1) {
    return base::fail(errc::websocket_upgrade_malformed);
  }
  const auto decoded = base::from_base64(*key);
  if (!decoded || decoded->size() != key_size) {
    return base::fail(errc::websocket_upgrade_malformed);
  }
  return std::string(*key);
}

http_response websocket_accept_response(std::string_view key) {
  http_response response = {.status = 101};
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Connection", "Upgrade");
  response.headers.add("Sec-WebSocket-Accept", websocket_accept_for(key));
  return response;
}

task<websocket_link> open_websocket(tls_stream stream, websocket_request request,
                                    base::steady_time deadline) {
  const auto link_options = request.link;
  const auto key = make_websocket_key(base::secure_random());
  const auto text = serialise(upgrade_request(std::move(request), key));
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(text), deadline));
  http_parser_options wanted = {.wanted = http_part::head};
  http_response_parser parser(std::move(wanted));
  base::byte_array<read_size> space;
  while (!parser.is_done()) {
    HTTVPS_CO_TRY(const std::size_t count, co_await stream.read_some(space, deadline));
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(count)));
  }
  HTTVPS_CO_CHECK(check_answer(parser.message(), key));
  co_return websocket_link(std::move(stream), parser.take_rest(), link_options);
}

}
