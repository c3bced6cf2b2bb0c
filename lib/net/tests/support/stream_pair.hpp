#pragma once

#include <memory>

#include "httvps/net/scope.hpp"
#include "httvps/net/tls_stream.hpp"
#include "test_certificate.hpp"

namespace httvps::net::testing {

struct tcp_pair {
  tcp_stream near;
  tcp_stream far;
};

struct tls_pair {
  tls_stream client;
  tls_stream server;
};

task<tcp_pair> connect_pair();
task<tls_pair> connect_tls_pair(const test_certificate* certificate);

}
