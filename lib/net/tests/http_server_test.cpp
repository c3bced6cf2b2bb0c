#include "httvps/net/http_server.hpp"

#include <gtest/gtest.h>

#include "http_talk.hpp"
#include "httvps/net/scope.hpp"
#include "run_loop.hpp"

namespace httvps::net {
namespace {

using testing::call_and_keep;
using testing::client_for;
using testing::echo;
using testing::gate_handler;
using testing::gated;
using testing::local_options;
using testing::raw_exchange;
using testing::run_loop;
using testing::soon;
using testing::throwing;

asio::awaitable<void> limits_have_statuses(executor runs_on) {
  auto chosen = local_options();
  chosen.body_limit = 10;
  auto server = http_server::open(runs_on, chosen, echo);
  const auto place = server->local();
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  const auto big_body = co_await raw_exchange(place, start + "Content-Length: 11\r\n\r\n");
  EXPECT_TRUE(big_body->starts_with("HTTP/1.1 413 "));
  EXPECT_NE(big_body->find("\"code\":\"http_body_too_large\""), std::string::npos);
  const auto big_head = co_await raw_exchange(place, start + "X: " + std::string(20'000, 'x'));
  EXPECT_TRUE(big_head->starts_with("HTTP/1.1 431 "));
  const auto garbage = co_await raw_exchange(place, "\x16\x03\x01 hello\r\n\r\n");
  EXPECT_TRUE(garbage->starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(server->counts().bad_requests, 3U);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, BrokenLimitsAreAnsweredWithTheirStatus) {
  run_loop loop;
  loop.run(limits_have_statuses(loop.get_executor()));
}

asio::awaitable<void> slow_head_is_cut(executor runs_on) {
  auto chosen = local_options();
  chosen.head_deadline = std::chrono::milliseconds(30);
  auto server = http_server::open(runs_on, chosen, echo);
  const auto partial = co_await raw_exchange(server->local(), "GET / HT");
  EXPECT_TRUE(partial->starts_with("HTTP/1.1 408 "));
  const auto silent = co_await raw_exchange(server->local(), "");
  EXPECT_EQ(silent, "");
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, ASlowHeadIsCutOffAndSilenceEndsWithoutAnAnswer) {
  run_loop loop;
  loop.run(slow_head_is_cut(loop.get_executor()));
}

asio::awaitable<void> connection_limit(executor runs_on) {
  auto chosen = local_options();
  chosen.max_connections = 1;
  auto server = http_server::open(runs_on, chosen, echo);
  auto client = client_for(*server, runs_on);
  http_request request;
  EXPECT_TRUE(co_await client->call(std::move(request), soon()));
  const auto refused = co_await raw_exchange(server->local(), "");
  EXPECT_TRUE(refused->starts_with("HTTP/1.1 503 "));
  EXPECT_NE(refused->find("Retry-After: 1"), std::string::npos);
  EXPECT_EQ(server->counts().refused_connections, 1U);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, ConnectionsAboveTheLimitGetAnAnswerAndNoPlace) {
  run_loop loop;
  loop.run(connection_limit(loop.get_executor()));
}

asio::awaitable<void> pipelined_requests(executor runs_on) {
  auto server = http_server::open(runs_on, local_options(), echo);
  const auto answer = co_await raw_exchange(
      server->local(),
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
      "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "HEAD /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer->find("\r\n\r\noneHTTP/1.1 200"), std::string::npos);
  EXPECT_NE(answer->find("\r\n\r\ntwoHTTP/1.1 200"), std::string::npos);
  EXPECT_TRUE(answer->ends_with("Connection: close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(server->counts().requests, 3U);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, RequestsInOneSegmentAreAnsweredInOrder) {
  run_loop loop;
  loop.run(pipelined_requests(loop.get_executor()));
}

asio::awaitable<void> handler_failure_is_hidden(executor runs_on) {
  auto server = http_server::open(runs_on, local_options(), throwing);
  const auto answer = co_await raw_exchange(
      server->local(),
      "GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: req-1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer->starts_with("HTTP/1.1 500 "));
  EXPECT_EQ(answer->find("secret detail"), std::string::npos);
  EXPECT_NE(answer->find("X-Request-Id: req-1\r\n"), std::string::npos);
  EXPECT_EQ(server->counts().handler_failures, 1U);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, AFailingHandlerIsAnInternalErrorWithoutDetails) {
  run_loop loop;
  loop.run(handler_failure_is_hidden(loop.get_executor()));
}

asio::awaitable<void> continue_is_sent(executor runs_on) {
  auto server = http_server::open(runs_on, local_options(), echo);
  auto stream = co_await connect(server->local(), soon());
  const auto head = base::as_bytes(
      "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(co_await stream->write_all(head, soon()));
  base::byte_vector space(4096);
  const auto count = co_await stream->read_some(space, soon());
  EXPECT_EQ(base::as_text(base::byte_view(space).first(count.value_or(0))),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(co_await stream->write_all(base::as_bytes("ok"), soon()));
  EXPECT_TRUE(co_await stream->read_some(space, soon()));
  EXPECT_EQ(server->counts().requests, 1U);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(HttpServer, ExpectContinueIsAnsweredBeforeTheBody) {
  run_loop loop;
  loop.run(continue_is_sent(loop.get_executor()));
}

asio::awaitable<void> stop_waits_for_requests(executor runs_on) {
  const gate_handler gate = {std::make_shared<event>(runs_on), std::make_shared<event>(runs_on)};
  auto server = http_server::open(runs_on, local_options(), gated(gate));
  auto client = client_for(*server, runs_on);
  scope background(runs_on);
  base::result<http_response> answer;
  EXPECT_TRUE(background.spawn(call_and_keep(&*client, &answer)));
  EXPECT_TRUE(co_await gate.entered->wait(soon()));
  EXPECT_TRUE(background.spawn(server->stop(soon())));
  EXPECT_TRUE(co_await yield_to_others());
  gate.open->notify();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(answer);
  EXPECT_EQ(answer->body, "/slow");
  EXPECT_EQ(answer->headers.find("Connection"), "close");
}

TEST(HttpServer, StopLetsARunningRequestFinish) {
  run_loop loop;
  loop.run(stop_waits_for_requests(loop.get_executor()));
}

asio::awaitable<void> stop_is_bounded(executor runs_on) {
  const gate_handler gate = {std::make_shared<event>(runs_on), std::make_shared<event>(runs_on)};
  auto server = http_server::open(runs_on, local_options(), gated(gate));
  auto client = client_for(*server, runs_on);
  scope background(runs_on);
  base::result<http_response> answer;
  EXPECT_TRUE(background.spawn(call_and_keep(&*client, &answer)));
  EXPECT_TRUE(co_await gate.entered->wait(soon()));
  const auto stopped = co_await server->stop(deadline_after(std::chrono::milliseconds(20)));
  EXPECT_EQ(stopped.error(), errc::timed_out);
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_FALSE(answer);
}

TEST(HttpServer, StopCutsOffRequestsAtItsDeadline) {
  run_loop loop;
  loop.run(stop_is_bounded(loop.get_executor()));
}

}
}
