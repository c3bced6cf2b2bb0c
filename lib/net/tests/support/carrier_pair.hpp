#pragma once

#include <memory>

#include "httvps/net/carrier_link.hpp"
#include "test_certificate.hpp"

namespace httvps::net::testing {

enum class carrier_form { http1, http2 };

struct carrier_pair {
  std::unique_ptr<carrier_link> client;
  std::unique_ptr<carrier_link> server;
};

struct side {
  carrier_link* link = nullptr;
  base::byte_view out = {};
  std::size_t step = 0;
  std::size_t wanted = 0;
  base::byte_vector got = {};
  std::size_t pauses = 0;
};

task<carrier_pair> connect_carriers(const test_certificate* certificate, carrier_form form);
task<> converse(side* near, side* far);

}
