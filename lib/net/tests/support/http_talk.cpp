#include "http_talk.hpp"

#include <stdexcept>

#include "run_loop.hpp"

namespace httvps::net::testing {
namespace {

asio::awaitable<http_response> wait_at_gate(gate_handler gate, http_request request) {
  gate.entered->notify();
  static_cast<void>(co_await gate.open->wait(no_deadline));
  http_response response = {.body = request.target};
  co_return response;
}

}

asio::awaitable<http_response> echo(http_request request) {
  http_response response;
  response.headers.add("X-Method", request.method);
  response.headers.add("X-Target", request.target);
  response.headers.add("X-Peer", request.peer_address);
  response.body = std::move(request.body);
  co_return response;
}

asio::awaitable<http_response> throwing(http_request) {
  throw std::runtime_error("secret detail");
  co_return http_response{};
}

http_server_options local_options() {
  http_server_options chosen;
  chosen.listen.place = {.host = "127.0.0.1", .port = 0};
  return chosen;
}

base::result<http_client> client_for(const http_server& server, const executor& runs_on) {
  http_client_options chosen;
  chosen.origin.place = server.local();
  return http_client::make(runs_on, std::move(chosen));
}

task<std::string> raw_exchange(endpoint place, std::string text) {
  HTTVPS_CO_TRY(tcp_stream stream, co_await connect(place, soon()));
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(text), soon()));
  std::string answer;
  base::byte_vector space(4096);
  while (true) {
    const auto got = co_await stream.read_some(space, soon());
    if (!got) {
      co_return got.error() == errc::connection_closed ? base::result<std::string>(answer)
                                                       : base::fail(got.error());
    }
    answer += base::as_text(base::byte_view(space).first(*got));
  }
}

http_handler gated(const gate_handler& gate) {
  return [gate](http_request request) { return wait_at_gate(gate, std::move(request)); };
}

task<> call_and_keep(http_client* client, base::result<http_response>* into) {
  http_request request = {.target = "/slow"};
  *into = co_await client->call(std::move(request), soon());
  co_return base::result<>();
}

}
