#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "httvps/base/bytes.hpp"

namespace httvps::testing {

class tcp_socket {
 public:
  tcp_socket() = default;
  explicit tcp_socket(int descriptor) noexcept : descriptor_(descriptor) {}
  tcp_socket(tcp_socket&& other) noexcept;
  tcp_socket& operator=(tcp_socket&& other) noexcept;
  tcp_socket(const tcp_socket&) = delete;
  tcp_socket& operator=(const tcp_socket&) = delete;
  ~tcp_socket() { close(); }

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }
  bool send_all(base::byte_view bytes) const;
  std::optional<std::size_t> receive(base::byte_span out) const;
  void shutdown_send() const;
  void close() noexcept;
  void close_with_reset() noexcept;
  void wait_for_end(std::chrono::milliseconds at_most) const;

 private:
  int descriptor_ = -1;
};

tcp_socket connect_loopback(std::uint16_t port);

class mute_listener {
 public:
  mute_listener();
  std::uint16_t port() const noexcept { return port_; }

 private:
  tcp_socket listener_;
  std::vector<tcp_socket> waiting_;
  std::uint16_t port_ = 0;
};

using connection_handler = std::function<void(tcp_socket&)>;

class tcp_origin {
 public:
  explicit tcp_origin(connection_handler handler, const char* address = "127.0.0.1");
  tcp_origin(const tcp_origin&) = delete;
  tcp_origin& operator=(const tcp_origin&) = delete;
  ~tcp_origin();

  std::uint16_t port() const noexcept { return port_; }
  std::size_t accepted() const noexcept { return accepted_.load(); }

 private:
  struct visit {
    tcp_socket connection;
    std::thread worker = {};
    bool over = false;
  };

  void accept_connections();
  void receive_visitor(tcp_socket connection);
  void serve(visit& visitor);
  void forget_those_that_left();

  connection_handler handler_;
  tcp_socket listener_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> accepted_{0};
  std::mutex guard_;
  std::list<visit> visits_;
  std::thread acceptor_;
};

base::byte_vector pattern(std::size_t size);
void echo_until_end(tcp_socket& connection);
base::byte_vector receive_until_end(const tcp_socket& connection);
std::optional<base::byte_vector> receive_whole(const tcp_socket& connection);

}
