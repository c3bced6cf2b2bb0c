#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "httvps/net/endpoint.hpp"
#include "httvps/net/http_message.hpp"
#include "httvps/net/task.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::net {

using http_handler = std::function<asio::awaitable<http_response>(http_request)>;

struct http_server_options {
  listen_options listen = {};
  std::size_t head_limit = 16 * 1024;
  std::size_t body_limit = 1024 * 1024;
  std::size_t max_connections = 1024;
  base::duration head_deadline = std::chrono::seconds(10);
  base::duration body_deadline = std::chrono::seconds(30);
  base::duration idle_deadline = std::chrono::seconds(60);
  base::duration write_deadline = std::chrono::seconds(30);
};

struct http_server_counts {
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t bad_requests = 0;
  std::uint64_t handler_failures = 0;
  std::size_t open_connections = 0;
};

class http_server {
 public:
  static base::result<http_server> open(const executor& runs_on, http_server_options chosen,
                                        http_handler handler);
  http_server(http_server&&) noexcept;
  http_server& operator=(http_server&&) noexcept;
  ~http_server();

  endpoint local() const;
  http_server_counts counts() const;
  task<> stop(base::steady_time deadline);

 private:
  struct state;
  explicit http_server(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

}
