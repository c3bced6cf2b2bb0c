#include "tls_1_2_client.hpp"

#include <openssl/ssl.h>

namespace httvps::net::testing {
namespace {

constexpr int round_limit = 8;

}

tls_1_2_client::tls_1_2_client()
    : context_(SSL_CTX_new(TLS_client_method())), connection_(SSL_new(context_)) {
  SSL_set_max_proto_version(connection_, TLS1_2_VERSION);
  SSL_set_bio(connection_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(connection_);
}

tls_1_2_client::~tls_1_2_client() {
  SSL_free(connection_);
  SSL_CTX_free(context_);
}

void tls_1_2_client::move_to_server(tls_engine& server) {
  base::byte_vector flight(BIO_ctrl_pending(SSL_get_wbio(connection_)));
  BIO_read(SSL_get_wbio(connection_), flight.data(), static_cast<int>(flight.size()));
  base::byte_view input(flight);
  static_cast<void>(server.handshake(input, to_client_));
}

bool tls_1_2_client::shake_hands_with(tls_engine& server) {
  for (int round = 0; round < round_limit; ++round) {
    const bool finished = SSL_do_handshake(connection_) == 1;
    move_to_server(server);
    const auto answer = to_client_.view();
    BIO_write(SSL_get_rbio(connection_), answer.data(), static_cast<int>(answer.size()));
    to_client_.clear();
    if (finished && server.is_handshake_finished()) {
      return true;
    }
  }
  return false;
}

}
