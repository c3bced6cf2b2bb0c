#pragma once

#include "httvps/net/tcp.hpp"

namespace httvps::cli::testing {

struct socks_dialogue {
  net::tcp_stream stream;
  base::byte_vector choice;
  base::byte_vector reply;
};

std::string request_for_domain(const std::string& name, std::uint16_t port = 80);
net::task<base::byte_vector> read_exactly(net::tcp_stream* stream, std::size_t count);
net::task<base::byte_vector> read_until_end(net::tcp_stream* stream);
net::task<socks_dialogue> open_through(net::endpoint proxy, std::string request);

}
