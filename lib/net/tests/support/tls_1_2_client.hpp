#pragma once

#include <memory>

#include "httvps/net/tls_engine.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace httvps::net::testing {

class tls_1_2_client {
 public:
  tls_1_2_client();
  tls_1_2_client(const tls_1_2_client&) = delete;
  tls_1_2_client& operator=(const tls_1_2_client&) = delete;
  ~tls_1_2_client();

  bool shake_hands_with(tls_engine& server);

 private:
  void move_to_server(tls_engine& server);

  ssl_ctx_st* context_;
  ssl_st* connection_;
  ciphertext_buffer to_client_;
};

}
