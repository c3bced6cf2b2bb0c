#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/stream.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

struct key_use {
  std::string secret;
  shadowsocks::cipher_method method = shadowsocks::cipher_method::chacha20_ietf_poly1305;
  std::uint16_t server_port = 9000;
  std::uint16_t origin_port = 0;
};

class key_user {
 public:
  explicit key_user(const key_use& chosen);

  bool send(base::byte_view bytes);
  base::byte_vector receive(std::size_t wanted);
  bool echo(base::byte_view bytes);
  void finish_sending() { socket_.shutdown_send(); }
  void finish();

 private:
  key_user(const key_use& chosen, const shadowsocks::cipher_key& master,
           const shadowsocks::salt& request);

  shadowsocks::openssl_engine engine_;
  tcp_socket socket_;
  shadowsocks::stream_encryptor encryptor_;
  shadowsocks::stream_decryptor decryptor_;
  base::byte_vector out_;
  base::byte_vector opening_;
};

bool is_accepted(const key_use& chosen);

}
