#pragma once

#include <memory>
#include <string>

#include "httvps/net/event.hpp"
#include "httvps/net/http_client.hpp"
#include "httvps/net/http_server.hpp"

namespace httvps::net::testing {

struct gate_handler {
  std::shared_ptr<event> entered;
  std::shared_ptr<event> open;
};

asio::awaitable<http_response> echo(http_request request);
asio::awaitable<http_response> throwing(http_request request);
http_handler gated(const gate_handler& gate);

http_server_options local_options();
base::result<http_client> client_for(const http_server& server, const executor& runs_on);
task<std::string> raw_exchange(endpoint place, std::string text);
task<> call_and_keep(http_client* client, base::result<http_response>* into);

}
