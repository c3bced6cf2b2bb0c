#pragma once

#include <openssl/bio.h>

#include "httvps/net/tls_engine.hpp"
#include "tls_library.hpp"

namespace httvps::net {

struct tls_ports {
  base::byte_view* input = nullptr;
  ciphertext_buffer* output = nullptr;
};

BIO* make_span_bio(tls_ports* ports);

}
