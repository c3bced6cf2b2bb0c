#pragma once

#include "httvps/net/websocket_link.hpp"
#include "test_certificate.hpp"

namespace httvps::net::testing {

struct link_pair {
  websocket_link client;
  websocket_link server;
};

struct sending {
  base::byte_view left;
  std::size_t step = 0;
  std::size_t calls = 0;
  std::size_t operator()(base::byte_span space);
};

task<link_pair> connect_links(const test_certificate* certificate);
task<> send_everything(websocket_link* link, base::byte_view bytes, std::size_t step);
task<> receive_up_to(websocket_link* link, base::byte_vector* into, std::size_t wanted);
task<> keep(task<> work, base::result<>* outcome);

}
