#include "httvps/net/tls_stream.hpp"

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>
#include <thread>

#include "httvps/base/random.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/websocket_link.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::connect_pair;
using testing::connect_tls_pair;
using testing::keep;
using testing::run_loop;
using testing::soon;
using testing::test_certificate;

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size).fill(bytes);
  return bytes;
}

task<> read_exactly(tls_stream* stream, base::byte_vector* into, std::size_t step) {
  std::size_t filled = 0;
  while (filled < into->size()) {
    const auto space = base::byte_span(*into).subspan(filled);
    HTTVPS_CO_TRY(const std::size_t count,
                  co_await stream->read_some(space.first(std::min(step, space.size())), soon()));
    filled += count;
  }
  co_return base::result<>();
}

asio::awaitable<void> transfer(const test_certificate* certificate, std::size_t size,
                               std::size_t step) {
  auto pair = co_await connect_tls_pair(certificate);
  EXPECT_TRUE(pair);
  const auto sent = random_bytes(size);
  base::byte_vector got(size);
  base::result<> written;
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(background.spawn(keep(pair->client.write_all(sent, soon()), &written)));
  EXPECT_TRUE(co_await read_exactly(&pair->server, &got, step));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(written);
  EXPECT_TRUE(got == sent);
}

TEST(TlsStream, SmallReadsSeeEveryByte) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(transfer(&certificate, 100'000, 7));
}

TEST(TlsStream, LargeTransfersPassABlockedSocket) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(transfer(&certificate, 30'000'000, 100'000));
}

asio::awaitable<void> data_and_end_together(const test_certificate* certificate) {
  auto pair = co_await connect_tls_pair(certificate);
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(co_await pair->client.write_all(base::as_bytes("last"), soon()));
  base::result<> closed;
  EXPECT_TRUE(background.spawn(keep(pair->client.close(soon()), &closed)));
  EXPECT_TRUE(co_await yield_to_others());
  base::byte_vector space(100);
  EXPECT_EQ(co_await pair->server.read_some(space, soon()), 4U);
  EXPECT_EQ((co_await pair->server.read_some(space, soon())).error(), errc::connection_closed);
  EXPECT_TRUE(co_await pair->server.close(soon()));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(closed);
}

TEST(TlsStream, DataRightBeforeTheCloseAlertIsReadAndThenTheEnd) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(data_and_end_together(&certificate));
}

asio::awaitable<void> silent_client(const test_certificate* certificate) {
  auto plain = co_await connect_pair();
  auto engine = tls_engine::make_server(certificate->server_context());
  tls_stream server(std::move(plain->far), *std::move(engine));
  const auto shaken = co_await server.handshake(deadline_after(std::chrono::milliseconds(20)));
  EXPECT_EQ(shaken.error(), errc::timed_out);
}

TEST(TlsStream, AHandshakeWithASilentPeerTimesOut) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(silent_client(&certificate));
}

asio::awaitable<void> leaving_client(const test_certificate* certificate) {
  auto plain = co_await connect_pair();
  auto engine = tls_engine::make_server(certificate->server_context());
  tls_stream server(std::move(plain->far), *std::move(engine));
  constexpr base::byte_array<6> start = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01};
  EXPECT_TRUE(co_await plain->near.write_all(start, soon()));
  EXPECT_TRUE(plain->near.shutdown_write());
  EXPECT_EQ((co_await server.handshake(soon())).error(), errc::connection_closed);
}

TEST(TlsStream, AnEndInsideTheHandshakeIsAClosedConnection) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(leaving_client(&certificate));
}

task<base::error> handshake_after(const test_certificate* certificate, testing::tcp_pair* plain,
                                  base::byte_view bytes) {
  HTTVPS_CO_TRY(tls_engine engine, tls_engine::make_server(certificate->server_context()));
  tls_stream server(std::move(plain->far), std::move(engine));
  HTTVPS_CO_CHECK(co_await plain->near.write_all(bytes, soon()));
  const auto shaken = co_await server.handshake(soon());
  plain->far = std::move(server.socket());
  co_return shaken ? base::error() : shaken.error();
}

asio::awaitable<void> plain_http_client(const test_certificate* certificate) {
  auto plain = co_await connect_pair();
  const auto request = base::as_bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(co_await handshake_after(certificate, &*plain, request),
            base::error(errc::tls_plain_http));
  EXPECT_TRUE(co_await plain->far.write_all(base::as_bytes("HTTP/1.1 400 "), soon()));
  base::byte_vector answer(64);
  EXPECT_EQ(co_await plain->near.read_some(answer, soon()), 13U);
}

TEST(TlsStream, PlainHttpIsNamedAndItsSocketCanStillBeAnswered) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(plain_http_client(&certificate));
}

asio::awaitable<void> malformed_hello(const test_certificate* certificate) {
  auto plain = co_await connect_pair();
  constexpr base::byte_array<10> bytes = {0x16, 0x03, 0x01, 0x00, 0x05,
                                          0x77, 0x00, 0x00, 0x01, 0x00};
  EXPECT_EQ(co_await handshake_after(certificate, &*plain, bytes),
            base::error(errc::tls_handshake_failed));
  base::byte_vector alert(64);
  EXPECT_TRUE(co_await plain->near.read_some(alert, soon()));
  EXPECT_EQ(alert[0], 0x15);
}

TEST(TlsStream, AMalformedHelloIsAnsweredWithAnAlert) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(malformed_hello(&certificate));
}

asio::awaitable<void> nobody_reads(const test_certificate* certificate) {
  auto pair = co_await connect_tls_pair(certificate);
  const base::byte_vector block(256 * 1024);
  base::result<> written;
  for (int round = 0; round < 1000 && written; ++round) {
    written = pair->client.try_write(block);
  }
  EXPECT_EQ(written.error(), errc::backlog_full);
}

TEST(TlsStream, TheBacklogOfAPeerThatNeverReadsIsBounded) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(nobody_reads(&certificate));
}

task<> echo_once(websocket_link* link) {
  base::byte_vector got;
  auto sink = [&got](base::byte_view piece) { base::append(got, piece); };
  while (got.size() < 5) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_CHECK(link->receive(sink));
  }
  auto fill = [&got](base::byte_span space) {
    base::copy_bytes(space, got);
    return std::exchange(got, {}).size();
  };
  HTTVPS_CO_CHECK(link->send(fill));
  co_return base::result<>();
}

asio::awaitable<void> run_and_keep(task<> work, base::result<>* outcome) {
  *outcome = co_await std::move(work);
}

asio::awaitable<void> talk_to_moved_link(const test_certificate* certificate, run_loop* other,
                                         base::result<>* served) {
  auto pair = co_await connect_tls_pair(certificate);
  const websocket_link_options far = {.role = websocket_role::server};
  const websocket_link_options near = {.role = websocket_role::client};
  websocket_link server(std::move(pair->server), {}, far);
  websocket_link client(std::move(pair->client), {}, near);
  EXPECT_TRUE(server.move_to(other->get_executor()));
  std::jthread worker([&] { other->run(run_and_keep(echo_once(&server), served)); });
  auto fill = [sent = false](base::byte_span space) mutable -> std::size_t {
    base::copy_bytes(space, base::as_bytes("hello"));
    return std::exchange(sent, true) ? 0 : 5;
  };
  EXPECT_EQ(client.send(fill), send_state::drained);
  std::string answer;
  auto sink = [&answer](base::byte_view piece) { answer += base::as_text(piece); };
  while (answer.size() < 5) {
    EXPECT_TRUE(co_await client.wait_readable(soon()));
    EXPECT_TRUE(client.receive(sink));
  }
  EXPECT_EQ(answer, "hello");
}

TEST(TlsStream, ALinkMovesToAnotherThreadBetweenItsCalls) {
  run_loop loop;
  run_loop other;
  base::result<> served = base::fail(errc::socket_failure);
  const test_certificate certificate("gateway.test");
  loop.run(talk_to_moved_link(&certificate, &other, &served));
  EXPECT_TRUE(served);
}

asio::awaitable<void> unread_ciphertext_reaches_the_link(const test_certificate* certificate) {
  auto pair = co_await connect_tls_pair(certificate);
  const websocket_link_options near = {.role = websocket_role::client};
  const auto payload = random_bytes(60'000);
  EXPECT_TRUE(co_await pair->client.write_all(base::as_bytes("HEAD"), soon()));
  websocket_link client(std::move(pair->client), {}, near);
  auto fill = [left = base::byte_view(payload)](base::byte_span space) mutable {
    const auto count = std::min(left.size(), space.size());
    base::copy_bytes(space, left.first(count));
    left = left.subspan(count);
    return count;
  };
  EXPECT_EQ(client.send(fill), send_state::drained);
  base::byte_vector head(4);
  EXPECT_TRUE(co_await read_exactly(&pair->server, &head, 4));
  const websocket_link_options far = {.role = websocket_role::server};
  websocket_link server(std::move(pair->server), {}, far);
  base::byte_vector got;
  auto sink = [&got](base::byte_view piece) { base::append(got, piece); };
  while (got.size() < payload.size()) {
    EXPECT_TRUE(co_await server.wait_readable(soon()));
    EXPECT_TRUE(server.receive(sink));
  }
  EXPECT_TRUE(got == payload);
}

TEST(TlsStream, CiphertextReadBeforeTheUpgradeReachesTheLink) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(unread_ciphertext_reaches_the_link(&certificate));
}

}
}
