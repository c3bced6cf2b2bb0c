#include "stream_pair.hpp"

#include <boost/asio/this_coro.hpp>

#include "run_loop.hpp"

namespace httvps::net::testing {
namespace {

asio::awaitable<void> shake(tls_stream* stream, base::result<>* outcome) {
  *outcome = co_await stream->handshake(soon());
}

}

task<tcp_pair> connect_pair() {
  const executor runs_on = co_await asio::this_coro::executor;
  const listen_options wanted = {.place = {.host = "127.0.0.1", .port = 0}};
  HTTVPS_CO_TRY(tcp_listener listener, tcp_listener::open(runs_on, wanted));
  HTTVPS_CO_TRY(tcp_stream near, co_await connect(listener.local(), soon()));
  HTTVPS_CO_TRY(tcp_stream far, co_await listener.accept());
  tcp_pair made = {.near = std::move(near), .far = std::move(far)};
  co_return std::move(made);
}

task<tls_pair> connect_tls_pair(const test_certificate* certificate) {
  HTTVPS_CO_TRY(tcp_pair plain, co_await connect_pair());
  tls_target target = {.server_name = "gateway.test"};
  HTTVPS_CO_TRY(tls_engine client,
                tls_engine::make_client(certificate->pinned_client_context(), std::move(target)));
  HTTVPS_CO_TRY(tls_engine server, tls_engine::make_server(certificate->server_context()));
  tls_pair made = {.client = tls_stream(std::move(plain.near), std::move(client)),
                   .server = tls_stream(std::move(plain.far), std::move(server))};
  scope background(co_await asio::this_coro::executor);
  base::result<> client_outcome;
  HTTVPS_CO_CHECK(background.spawn(shake(&made.client, &client_outcome)));
  const auto server_outcome = co_await made.server.handshake(soon());
  HTTVPS_CO_CHECK(co_await background.join());
  HTTVPS_CO_CHECK(server_outcome);
  HTTVPS_CO_CHECK(client_outcome);
  co_return std::move(made);
}

}
