#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "node/support/key_user.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

class public_datagram_echo {
 public:
  public_datagram_echo();
  public_datagram_echo(const public_datagram_echo&) = delete;
  public_datagram_echo& operator=(const public_datagram_echo&) = delete;
  ~public_datagram_echo();

  std::uint16_t port() const noexcept { return port_; }

 private:
  void serve();

  tcp_socket socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread worker_;
};

base::byte_vector echo_datagram_through(const key_use& chosen, base::byte_view payload);

}
