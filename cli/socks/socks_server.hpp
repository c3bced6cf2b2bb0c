#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "httvps/base/log.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/net/task.hpp"
#include "httvps/sdk/datagram_port.hpp"
#include "httvps/sdk/tunnel.hpp"

namespace httvps::cli {

enum class remote_use { refused, permitted };

struct socks_options {
  net::endpoint place = {};
  remote_use from_elsewhere = remote_use::refused;
  std::size_t connections = 4096;
  std::chrono::milliseconds handshake_patience = std::chrono::seconds(10);
  std::chrono::milliseconds tunnel_patience = std::chrono::seconds(20);
  std::chrono::milliseconds first_bytes_wait = std::chrono::milliseconds(3);
  sdk::datagram_opener* datagrams = nullptr;
  std::size_t associations = 1024;
  std::chrono::milliseconds flow_idle = std::chrono::seconds(60);
};

struct socks_counts {
  std::size_t open_connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t bad_requests = 0;
  std::size_t open_associations = 0;
  std::uint64_t refused_associations = 0;
  std::uint64_t datagrams_up = 0;
  std::uint64_t datagrams_down = 0;
  std::uint64_t dropped_datagrams = 0;
};

class socks_server {
 public:
  static base::result<socks_server> open(const net::executor& runs_on, socks_options chosen,
                                         sdk::tunnel& through, const base::logger& log);
  socks_server(socks_server&&) noexcept;
  socks_server& operator=(socks_server&&) noexcept;
  ~socks_server();

  net::endpoint local() const;
  socks_counts counts() const;
  net::task<> stop(base::steady_time deadline);

 private:
  struct state;
  explicit socks_server(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

}
