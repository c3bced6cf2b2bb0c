#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>

#include "httvps/base/bytes.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

struct udp_arrival {
  std::uint16_t from = 0;
  base::byte_vector bytes;
};

class udp_port {
 public:
  udp_port();

  std::uint16_t port() const noexcept { return port_; }
  bool send_to(std::uint16_t port, base::byte_view bytes) const;
  std::optional<udp_arrival> receive(
      std::chrono::milliseconds at_most = std::chrono::seconds(10)) const;

 private:
  tcp_socket socket_;
  std::uint16_t port_ = 0;
};

using arrival_handler = std::function<void(const udp_port&, const udp_arrival&)>;

class udp_origin {
 public:
  explicit udp_origin(arrival_handler handler);
  udp_origin(const udp_origin&) = delete;
  udp_origin& operator=(const udp_origin&) = delete;
  ~udp_origin();

  std::uint16_t port() const noexcept { return place_.port(); }
  std::size_t received() const noexcept { return received_.load(); }

 private:
  void serve();

  arrival_handler handler_;
  udp_port place_;
  std::atomic<std::size_t> received_{0};
  std::atomic<bool> stopping_{false};
  std::thread worker_;
};

void echo_datagram(const udp_port& place, const udp_arrival& arrival);
bool is_udp_port_taken(std::uint16_t port);

}
