#pragma once

#include <string>
#include <utility>

#include "httvps/base/bytes.hpp"
#include "httvps/net/tls_engine.hpp"

namespace httvps::net::testing {

struct engine_pair {
  tls_engine client;
  tls_engine server;
  ciphertext_buffer to_server = {};
  ciphertext_buffer to_client = {};
  base::error client_failure = {};
  base::error server_failure = {};
  bool client_finished = false;
  bool server_finished = false;

  bool shake_hands();
  base::byte_vector move_to_server(std::size_t chunk);
  base::byte_vector move_to_client(std::size_t chunk);
};

engine_pair make_pair(const tls_context& client, const tls_context& server, tls_target target);

}
