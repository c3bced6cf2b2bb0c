#include "httvps/net/websocket_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "httvps/base/random.hpp"
#include "httvps/net/http_parser.hpp"
#include "httvps/net/scope.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::connect_tls_pair;
using testing::run_loop;
using testing::soon;
using testing::test_certificate;

struct link_pair {
  websocket_link client;
  websocket_link server;
};

task<link_pair> connect_links(const test_certificate* certificate,
                              base::byte_count message_limit = base::mebibyte) {
  HTTVPS_CO_TRY(testing::tls_pair streams, co_await connect_tls_pair(certificate));
  const websocket_link_options near = {.role = websocket_role::client,
                                       .message_limit = message_limit};
  const websocket_link_options far = {.role = websocket_role::server,
                                      .message_limit = message_limit};
  link_pair made = {.client = websocket_link(std::move(streams.client), {}, near),
                    .server = websocket_link(std::move(streams.server), {}, far)};
  co_return std::move(made);
}

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size + 1).fill(bytes);
  return bytes;
}

struct sending {
  base::byte_view left;
  std::size_t step = 0;
  std::size_t calls = 0;
  std::size_t operator()(base::byte_span space) {
    const auto limit = step == 0 ? space.size() : std::min(step, space.size());
    const auto count = std::min(left.size(), limit);
    base::copy_bytes(space, left.first(count));
    left = left.subspan(count);
    ++calls;
    return count;
  }
};

task<> send_everything(websocket_link* link, base::byte_view bytes, std::size_t step) {
  sending source = {.left = bytes, .step = step};
  while (true) {
    HTTVPS_CO_TRY(const send_state state, link->send(source));
    if (state == send_state::drained) {
      co_return base::result<>();
    }
    if (state == send_state::blocked) {
      HTTVPS_CO_CHECK(co_await link->wait_writable(soon()));
      if (source.left.empty() && !link->has_backlog()) {
        co_return base::result<>();
      }
    } else {
      HTTVPS_CO_CHECK(co_await yield_to_others());
    }
  }
}

task<> receive_up_to(websocket_link* link, base::byte_vector* into, std::size_t wanted) {
  auto sink = [into](base::byte_view piece) { base::append(*into, piece); };
  while (into->size() < wanted) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_TRY(const link_state state, link->receive(sink));
    if (state == link_state::closed) {
      co_return base::fail(errc::connection_closed);
    }
  }
  co_return base::result<>();
}

task<> keep(task<> work, base::result<>* outcome) {
  *outcome = co_await std::move(work);
  co_return base::result<>();
}

asio::awaitable<void> transfer_both_ways(const test_certificate* certificate, std::size_t size,
                                         std::size_t step) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links);
  const auto up = random_bytes(size);
  const auto down = random_bytes(size + 1);
  base::byte_vector got_up;
  base::byte_vector got_down;
  base::result<> outcomes[4];
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(background.spawn(keep(send_everything(&links->client, up, step), &outcomes[0])));
  EXPECT_TRUE(background.spawn(keep(send_everything(&links->server, down, step), &outcomes[1])));
  EXPECT_TRUE(
      background.spawn(keep(receive_up_to(&links->server, &got_up, up.size()), &outcomes[2])));
  EXPECT_TRUE(
      background.spawn(keep(receive_up_to(&links->client, &got_down, down.size()), &outcomes[3])));
  EXPECT_TRUE(co_await background.join(soon()));
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome);
  }
  EXPECT_TRUE(got_up == up);
  EXPECT_TRUE(got_down == down);
}

struct transfer_shape {
  std::size_t size;
  std::size_t step;
};

class WebsocketLinkTransfer : public ::testing::TestWithParam<transfer_shape> {};

TEST_P(WebsocketLinkTransfer, CarriesTheSameBytesBothWays) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(transfer_both_ways(&certificate, GetParam().size, GetParam().step));
}

INSTANTIATE_TEST_SUITE_P(Shapes, WebsocketLinkTransfer,
                         ::testing::Values(transfer_shape{1, 0}, transfer_shape{125, 1},
                                           transfer_shape{70'000, 126},
                                           transfer_shape{300'000, 16'325},
                                           transfer_shape{16'000'000, 0}));

asio::awaitable<void> records_are_full(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto before = links->server.ciphertext_traffic().sent;
  const auto bytes = random_bytes(65'532UL * 2);
  sending source = {.left = bytes};
  EXPECT_EQ(links->server.send(source), send_state::drained);
  const auto spent = links->server.ciphertext_traffic().sent - before;
  EXPECT_EQ(spent, 8 * (16'384 + 22));
  EXPECT_EQ(source.calls, 3U);
}

TEST(WebsocketLink, BulkMessagesFillTlsRecordsExactly) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(records_are_full(&certificate));
}

asio::awaitable<void> records_span_messages(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto before = links->server.ciphertext_traffic().sent;
  const auto bytes = random_bytes(10'000);
  sending source = {.left = bytes, .step = 1000};
  EXPECT_EQ(links->server.send(source), send_state::drained);
  const auto spent = links->server.ciphertext_traffic().sent - before;
  EXPECT_EQ(spent, 10'000 + 10 * 4 + 22);
}

TEST(WebsocketLink, SeveralMessagesShareOneRecord) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(records_span_messages(&certificate));
}

asio::awaitable<void> blocked_send_keeps_the_rest(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(32'000'000);
  sending source = {.left = bytes};
  auto state = base::result<send_state>(send_state::has_more);
  while (state == send_state::has_more) {
    state = links->client.send(source);
  }
  EXPECT_EQ(state, send_state::blocked);
  EXPECT_TRUE(links->client.has_backlog());
  const auto calls = source.calls;
  EXPECT_EQ(links->client.send(source), send_state::blocked);
  EXPECT_EQ(source.calls, calls);
  const auto accepted = bytes.size() - source.left.size();
  base::byte_vector got;
  scope background(co_await asio::this_coro::executor);
  base::result<> received;
  EXPECT_TRUE(background.spawn(keep(receive_up_to(&links->server, &got, accepted), &received)));
  while (links->client.has_backlog()) {
    EXPECT_TRUE(co_await links->client.wait_writable(soon()));
    sending nothing;
    EXPECT_TRUE(links->client.send(nothing));
  }
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(received);
  EXPECT_TRUE(std::ranges::equal(got, base::byte_view(bytes).first(accepted)));
}

TEST(WebsocketLink, ABlockedSocketStopsTheSourceAndLosesNothing) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(blocked_send_keeps_the_rest(&certificate));
}

asio::awaitable<void> slow_reader_times_out(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(32'000'000);
  sending source = {.left = bytes};
  auto state = base::result<send_state>(send_state::has_more);
  while (state == send_state::has_more) {
    state = links->client.send(source);
  }
  const auto waited =
      co_await links->client.wait_writable(deadline_after(std::chrono::milliseconds(20)));
  EXPECT_EQ(waited.error(), errc::timed_out);
}

TEST(WebsocketLink, WaitingForASlowPeerHasADeadline) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(slow_reader_times_out(&certificate));
}

asio::awaitable<void> ping_is_answered(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links->client.ping(base::as_bytes("beat")));
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  const auto before = links->server.ciphertext_traffic().sent;
  EXPECT_EQ(links->server.receive(ignore), link_state::open);
  EXPECT_EQ(links->server.ciphertext_traffic().sent - before, 2 + 4 + 22);
  EXPECT_TRUE(co_await links->client.wait_readable(soon()));
  EXPECT_EQ(links->client.receive(ignore), link_state::open);
}

TEST(WebsocketLink, APingIsAnsweredWithItsPayload) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(ping_is_answered(&certificate));
}

task<> receive_until_closed(websocket_link* link) {
  auto ignore = [](base::byte_view) {};
  while (true) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_TRY(const link_state state, link->receive(ignore));
    if (state == link_state::closed) {
      co_return base::result<>();
    }
  }
}

asio::awaitable<void> close_is_answered(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  scope background(co_await asio::this_coro::executor);
  base::result<> closed;
  EXPECT_TRUE(background.spawn(keep(links->client.close(1001, soon()), &closed)));
  EXPECT_TRUE(co_await receive_until_closed(&links->server));
  EXPECT_EQ(links->server.peer_close_code(), 1001);
  sending nothing;
  EXPECT_EQ(links->server.send(nothing).error(), errc::connection_closed);
  EXPECT_TRUE(co_await links->server.close(1001, soon()));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(closed);
}

TEST(WebsocketLink, CloseCarriesItsCodeAndEndsSending) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(close_is_answered(&certificate));
}

task<base::error> failure_after_raw_bytes(const test_certificate* certificate,
                                          base::byte_vector raw) {
  HTTVPS_CO_TRY(testing::tls_pair streams, co_await connect_tls_pair(certificate));
  const websocket_link_options chosen = {.role = websocket_role::server, .message_limit = 1000};
  websocket_link server(std::move(streams.server), {}, chosen);
  HTTVPS_CO_CHECK(co_await streams.client.write_all(raw, soon()));
  const auto outcome = co_await receive_until_closed(&server);
  base::byte_vector answer(64);
  HTTVPS_CO_TRY(const std::size_t count, co_await streams.client.read_some(answer, soon()));
  EXPECT_GE(count, 4U);
  EXPECT_EQ(answer[0], 0x88);
  co_return outcome ? base::error() : outcome.error();
}

asio::awaitable<void> bad_frames_close(const test_certificate* certificate) {
  const base::byte_vector unmasked = {0x82, 0x01, 0x00};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, unmasked),
            base::error(errc::websocket_mask_missing));
  const base::byte_vector oversize = {0x82, 0xfe, 0x03, 0xe9, 1, 2, 3, 4};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, oversize),
            base::error(errc::websocket_message_too_large));
  const base::byte_vector text = {0x81, 0x81, 1, 2, 3, 4, 5};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, text),
            base::error(errc::websocket_text_refused));
}

TEST(WebsocketLink, AForbiddenFrameIsAnsweredWithACloseFrameAndNamed) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(bad_frames_close(&certificate));
}

asio::awaitable<void> cut_connection(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links->client.socket().shutdown_write());
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  EXPECT_EQ(links->server.receive(ignore).error(), errc::tls_truncated);
}

TEST(WebsocketLink, AnEndWithoutTheTlsAlertIsTruncation) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(cut_connection(&certificate));
}

asio::awaitable<void> garbage_records(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto garbage = random_bytes(500);
  EXPECT_TRUE(co_await links->client.socket().write_all(garbage, soon()));
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  EXPECT_EQ(links->server.receive(ignore).error(), errc::tls_protocol_error);
}

TEST(WebsocketLink, GarbageBetweenRecordsIsAProtocolError) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(garbage_records(&certificate));
}

asio::awaitable<void> sink_may_send(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(50'000);
  EXPECT_TRUE(co_await send_everything(&links->client, bytes, 0));
  base::byte_vector echoed;
  std::size_t seen = 0;
  auto echo = [&](base::byte_view piece) {
    seen += piece.size();
    sending source = {.left = piece};
    EXPECT_EQ(links->server.send(source), send_state::drained);
  };
  while (seen < bytes.size()) {
    EXPECT_TRUE(co_await links->server.wait_readable(soon()));
    EXPECT_TRUE(links->server.receive(echo));
  }
  EXPECT_TRUE(co_await receive_up_to(&links->client, &echoed, bytes.size()));
  EXPECT_TRUE(echoed == bytes);
}

TEST(WebsocketLink, TheSinkMaySendOnALinkOfTheSameThread) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(sink_may_send(&certificate));
}

asio::awaitable<void> nested_sends_are_refused(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  base::error inner;
  auto nothing = [](base::byte_span) -> std::size_t { return 0; };
  auto outer = [&](base::byte_span) -> std::size_t {
    inner = links->server.send(nothing).error();
    return 0;
  };
  EXPECT_EQ(links->client.send(outer), send_state::drained);
  EXPECT_EQ(inner, errc::buffer_in_use);
}

TEST(WebsocketLink, ASourceMayNotSendByItself) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(nested_sends_are_refused(&certificate));
}

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
  auto posted = good_upgrade();
  posted.method = "POST";
  EXPECT_EQ(websocket_key_of(posted).error(), errc::websocket_upgrade_malformed);
}

}
}
