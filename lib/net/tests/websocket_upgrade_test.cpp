#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>

#include "httvps/net/http_parser.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/websocket_link.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::connect_tls_pair;
using testing::keep;
using testing::receive_up_to;
using testing::run_loop;
using testing::send_everything;
using testing::soon;
using testing::test_certificate;

task<> serve_upgrade(tls_stream stream, base::byte_vector* got) {
  http_parser_options wanted = {.wanted = http_part::head};
  http_request_parser parser(std::move(wanted));
  base::byte_vector space(4096);
  while (!parser.is_done()) {
    HTTVPS_CO_TRY(const std::size_t count, co_await stream.read_some(space, soon()));
    HTTVPS_CO_CHECK(parser.feed(base::byte_view(space).first(count)));
  }
  HTTVPS_CO_TRY(const std::string key, websocket_key_of(parser.message()));
  EXPECT_EQ(parser.message().headers.find("Cookie"), "a=b");
  auto answer = serialise(websocket_accept_response(key));
  const auto frame = encode_header({.length = 5});
  answer += base::as_text(frame.view());
  answer += "early";
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(answer), soon()));
  const websocket_link_options chosen = {.role = websocket_role::server};
  websocket_link link(std::move(stream), parser.take_rest(), chosen);
  co_return co_await receive_up_to(&link, got, 5);
}

asio::awaitable<void> upgrade_and_talk(const test_certificate* certificate) {
  auto streams = co_await connect_tls_pair(certificate);
  scope background(co_await asio::this_coro::executor);
  base::byte_vector up;
  base::result<> served;
  EXPECT_TRUE(background.spawn(keep(serve_upgrade(std::move(streams->server), &up), &served)));
  websocket_request request = {.host = "gateway.test", .target = "/x"};
  request.headers.add("Cookie", "a=b");
  auto link = co_await open_websocket(std::move(streams->client), std::move(request), soon());
  EXPECT_TRUE(link);
  base::byte_vector down;
  EXPECT_TRUE(co_await receive_up_to(&*link, &down, 5));
  EXPECT_EQ(base::as_text(down), "early");
  EXPECT_TRUE(co_await send_everything(&*link, base::as_bytes("hello"), 0));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(served);
  EXPECT_EQ(base::as_text(up), "hello");
}

TEST(WebsocketUpgrade, BytesRightAfterTheHeadsAreNotLost) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(upgrade_and_talk(&certificate));
}

task<> answer_with(tls_stream stream, std::string text) {
  base::byte_vector space(4096);
  HTTVPS_CO_CHECK(co_await stream.read_some(space, soon()));
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(text), soon()));
  co_return co_await stream.close(soon());
}

asio::awaitable<void> refused_upgrade(const test_certificate* certificate, std::string answer) {
  auto streams = co_await connect_tls_pair(certificate);
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(background.spawn(answer_with(std::move(streams->server), std::move(answer))));
  websocket_request request = {.host = "gateway.test"};
  auto link = co_await open_websocket(std::move(streams->client), std::move(request), soon());
  EXPECT_EQ(link.error(), errc::websocket_upgrade_refused);
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
}

TEST(WebsocketUpgrade, AnotherAnswerThanTheRightAcceptValueIsARefusal) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(refused_upgrade(&certificate, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  loop.run(refused_upgrade(&certificate,
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n"));
}

http_request good_upgrade() {
  http_request head;
  head.headers = {{"Host", "gateway.test"},
                  {"Connection", "keep-alive, Upgrade"},
                  {"Upgrade", "WebSocket"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return head;
}

TEST(WebsocketUpgrade, AnUpgradeNeedsEachOfItsFields) {
  EXPECT_EQ(websocket_key_of(good_upgrade()), "dGhlIHNhbXBsZSBub25jZQ==");
  for (const auto* name :
       {"Host", "Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"}) {
    auto head = good_upgrade();
    head.headers.remove(name);
    EXPECT_EQ(websocket_key_of(head).error(), errc::websocket_upgrade_malformed) << name;
  }
  auto short_key = good_upgrade();
  short_key.headers.set("Sec-WebSocket-Key", "AAAA");
  EXPECT_EQ(websocket_key_of(short_key).error(), errc::websocket_upgrade_malformed);
  auto two_keys = good_upgrade();
  two_keys.headers.add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
  EXPECT_EQ(websocket_key_of(two_keys).error(), errc::websocket_upgrade_malformed);
  auto posted = good_upgrade();
  posted.method = "POST";
  EXPECT_EQ(websocket_key_of(posted).error(), errc::websocket_upgrade_malformed);
}

}
}
