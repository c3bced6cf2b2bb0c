#include "httvps/net/http_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>

#include "http_talk.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/tls_stream.hpp"
#include "run_loop.hpp"
#include "test_certificate.hpp"

namespace httvps::net {
namespace {

using testing::call_and_keep;
using testing::client_for;
using testing::echo;
using testing::gate_handler;
using testing::gated;
using testing::local_options;
using testing::run_loop;
using testing::soon;
using testing::test_certificate;

asio::awaitable<void> calls_share_a_connection(executor runs_on) {
  auto server = http_server::open(runs_on, local_options(), echo);
  EXPECT_TRUE(server);
  auto client = client_for(*server, runs_on);
  for (int round = 0; round < 3; ++round) {
    http_request request = {.method = "POST", .target = "/things?x=1", .body = "{\"a\":1}"};
    const auto answer = co_await client->call(std::move(request), soon());
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{\"a\":1}");
    EXPECT_EQ(answer->headers.find("X-Target"), "/things?x=1");
    EXPECT_EQ(answer->headers.find("X-Peer"), "127.0.0.1");
    EXPECT_EQ(answer->headers.find("X-Request-Id").value_or("").size(), 16U);
    EXPECT_TRUE(answer->headers.find("Date").value_or("").ends_with(" GMT"));
  }
  EXPECT_EQ(client->open_connections(), 1U);
  EXPECT_EQ(server->counts().requests, 3U);
  EXPECT_EQ(server->counts().open_connections, 1U);
  EXPECT_TRUE(co_await server->stop(soon()));
  EXPECT_EQ(server->counts().open_connections, 0U);
}

TEST(Http, CallsShareAConnectionAndStopClosesIdleOnes) {
  run_loop loop;
  loop.run(calls_share_a_connection(loop.get_executor()));
}

asio::awaitable<void> stale_connection_is_replaced(executor runs_on) {
  auto first = http_server::open(runs_on, local_options(), echo);
  auto client = client_for(*first, runs_on);
  http_request warm_up;
  EXPECT_TRUE(co_await client->call(std::move(warm_up), soon()));
  auto again = local_options();
  again.listen.place = first->local();
  EXPECT_TRUE(co_await first->stop(soon()));
  auto second = http_server::open(runs_on, again, echo);
  EXPECT_TRUE(second);
  http_request request = {.method = "POST", .body = "x"};
  const auto answer = co_await client->call(std::move(request), soon());
  EXPECT_TRUE(answer);
  EXPECT_EQ(second->counts().requests, 1U);
  EXPECT_TRUE(co_await second->stop(soon()));
}

TEST(Http, AConnectionTheServerClosedIsReplaced) {
  run_loop loop;
  loop.run(stale_connection_is_replaced(loop.get_executor()));
}

task<> answer_once_then_cut(tcp_listener* listener, int* accepted) {
  constexpr std::string_view good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  base::byte_vector space(4096);
  while (true) {
    HTTVPS_CO_TRY(tcp_stream stream, co_await listener->accept());
    ++*accepted;
    HTTVPS_CO_CHECK(co_await stream.read_some(space, soon()));
    HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(good), soon()));
    static_cast<void>(co_await stream.read_some(space, soon()));
    stream.reset();
  }
}

asio::awaitable<void> idempotent_calls_retry_once(executor runs_on) {
  const listen_options wanted = {.place = {.host = "127.0.0.1"}};
  auto listener = tcp_listener::open(runs_on, wanted);
  scope background(runs_on);
  int accepted = 0;
  EXPECT_TRUE(background.spawn(answer_once_then_cut(&*listener, &accepted)));
  http_client_options chosen;
  chosen.origin.place = listener->local();
  auto client = http_client::make(runs_on, std::move(chosen));
  for (int round = 0; round < 2; ++round) {
    http_request request;
    EXPECT_TRUE(co_await client->call(std::move(request), soon()));
  }
  EXPECT_EQ(accepted, 2);
  http_request posted = {.method = "POST", .body = "x"};
  const auto refused = co_await client->call(std::move(posted), soon());
  EXPECT_EQ(refused.error(), errc::connection_reset);
  EXPECT_EQ(accepted, 2);
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
}

TEST(Http, OnlyIdempotentCallsAreRepeatedOnAStaleConnection) {
  run_loop loop;
  loop.run(idempotent_calls_retry_once(loop.get_executor()));
}

asio::awaitable<void> client_deadline(executor runs_on) {
  const gate_handler gate = {std::make_shared<event>(runs_on), std::make_shared<event>(runs_on)};
  auto server = http_server::open(runs_on, local_options(), gated(gate));
  auto client = client_for(*server, runs_on);
  http_request request;
  const auto answer =
      co_await client->call(std::move(request), deadline_after(std::chrono::milliseconds(20)));
  EXPECT_EQ(answer.error(), errc::timed_out);
  EXPECT_EQ(client->open_connections(), 0U);
  gate.open->notify();
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpClient, ASilentServerTimesOutAndItsConnectionIsDropped) {
  run_loop loop;
  loop.run(client_deadline(loop.get_executor()));
}

asio::awaitable<void> waiting_calls_are_bounded(executor runs_on) {
  const gate_handler gate = {std::make_shared<event>(runs_on), std::make_shared<event>(runs_on)};
  auto server = http_server::open(runs_on, local_options(), gated(gate));
  http_client_options chosen;
  chosen.origin.place = server->local();
  chosen.max_connections = 1;
  chosen.max_waiting = 1;
  auto client = http_client::make(runs_on, std::move(chosen));
  scope background(runs_on);
  base::result<http_response> first;
  base::result<http_response> second;
  EXPECT_TRUE(background.spawn(call_and_keep(&*client, &first)));
  EXPECT_TRUE(background.spawn(call_and_keep(&*client, &second)));
  EXPECT_TRUE(co_await gate.entered->wait(soon()));
  http_request third;
  EXPECT_EQ((co_await client->call(std::move(third), soon())).error(), errc::pool_full);
  gate.open->notify();
  EXPECT_TRUE(co_await gate.entered->wait(soon()));
  gate.open->notify();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpClient, CallsWaitForAConnectionUpToALimit) {
  run_loop loop;
  loop.run(waiting_calls_are_bounded(loop.get_executor()));
}

task<> serve_tls_once(tcp_listener* listener, const test_certificate* certificate,
                      std::string answer) {
  while (true) {
    HTTVPS_CO_TRY(tcp_stream socket, co_await listener->accept());
    HTTVPS_CO_TRY(tls_engine engine, tls_engine::make_server(certificate->server_context()));
    tls_stream stream(std::move(socket), std::move(engine));
    if (!co_await stream.handshake(soon())) {
      continue;
    }
    base::byte_vector space(4096);
    HTTVPS_CO_CHECK(co_await stream.read_some(space, soon()));
    HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(answer), soon()));
    HTTVPS_CO_CHECK(co_await stream.close(soon()));
  }
}

task<http_response> call_over_tls(endpoint place, tls_context context, std::string name) {
  http_client_options chosen;
  chosen.origin = {.scheme = http_scheme::https, .place = {.host = std::move(name), .port = 443}};
  chosen.connect_to = std::move(place);
  chosen.tls = std::move(context);
  HTTVPS_CO_TRY(http_client client,
                http_client::make(co_await asio::this_coro::executor, std::move(chosen)));
  http_request request;
  co_return co_await client.call(std::move(request), soon());
}

asio::awaitable<void> pinned_calls(executor runs_on, const test_certificate* certificate) {
  const listen_options wanted = {.place = {.host = "127.0.0.1"}};
  auto listener = tcp_listener::open(runs_on, wanted);
  scope background(runs_on);
  EXPECT_TRUE(background.spawn(
      serve_tls_once(&*listener, certificate, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi")));
  const auto place = listener->local();
  const auto good =
      co_await call_over_tls(place, certificate->pinned_client_context(), "gateway.test");
  EXPECT_TRUE(good);
  EXPECT_EQ(good->body, "hi");
  const auto wrong_name =
      co_await call_over_tls(place, certificate->pinned_client_context(), "other.test");
  EXPECT_EQ(wrong_name.error(), errc::certificate_name_mismatch);
  const test_certificate other("gateway.test");
  const auto wrong_pin =
      co_await call_over_tls(place, other.pinned_client_context(), "gateway.test");
  EXPECT_EQ(wrong_pin.error(), errc::certificate_pin_mismatch);
  const auto untrusted =
      co_await call_over_tls(place, *tls_context::make_client({}), "gateway.test");
  EXPECT_EQ(untrusted.error(), errc::certificate_invalid);
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
}

TEST(HttpClient, TlsCallsHoldTheServerToPinNameAndRoots) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(pinned_calls(loop.get_executor(), &certificate));
}

task<> answer_raw(tcp_listener* listener, std::string answer) {
  base::byte_vector space(4096);
  while (true) {
    HTTVPS_CO_TRY(tcp_stream stream, co_await listener->accept());
    HTTVPS_CO_CHECK(co_await stream.read_some(space, soon()));
    HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(answer), soon()));
    HTTVPS_CO_CHECK(co_await stream.close(soon()));
  }
}

asio::awaitable<void> bad_answer(executor runs_on, std::string answer, errc expected) {
  const listen_options wanted = {.place = {.host = "127.0.0.1"}};
  auto listener = tcp_listener::open(runs_on, wanted);
  scope background(runs_on);
  EXPECT_TRUE(background.spawn(answer_raw(&*listener, std::move(answer))));
  http_client_options chosen;
  chosen.origin.place = listener->local();
  chosen.body_limit = 10;
  auto client = http_client::make(runs_on, std::move(chosen));
  http_request request;
  const auto got = co_await client->call(std::move(request), soon());
  EXPECT_EQ(got.error(), expected);
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
}

TEST(HttpClient, BadAnswersAreNamed) {
  run_loop loop;
  const auto runs_on = loop.get_executor();
  loop.run(bad_answer(runs_on, "SSH-2.0-x\r\n\r\n", errc::http_bad_message));
  loop.run(bad_answer(runs_on, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
                      errc::http_body_too_large));
  loop.run(bad_answer(runs_on, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
                      errc::http_unexpected_end));
  loop.run(bad_answer(runs_on, "HTTP/1.1 200 OK\r\n", errc::connection_closed));
}

TEST(HttpClient, OriginsAreReadFromUrls) {
  const auto plain = parse_origin("http://127.0.0.1:8080/api/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->place, (endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(plain->base_path, "/api");
  EXPECT_EQ(parse_origin("https://example.com")->place, (endpoint{"example.com", 443}));
  EXPECT_EQ(parse_origin("https://[::1]")->place, (endpoint{"::1", 443}));
  EXPECT_EQ(parse_origin("ftp://example.com").error(), errc::address_invalid);
  EXPECT_EQ(parse_origin("http://").error(), errc::address_invalid);
}

}
}
