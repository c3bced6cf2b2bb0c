#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/net/endpoint.hpp"
#include "httvps/net/http_message.hpp"
#include "httvps/net/task.hpp"
#include "httvps/net/tls_context.hpp"

namespace httvps::net {

enum class http_scheme { http, https };

struct http_origin {
  http_scheme scheme = http_scheme::http;
  endpoint place = {};
  std::string base_path = {};
};

base::result<http_origin> parse_origin(std::string_view url);

struct http_client_options {
  http_origin origin = {};
  std::optional<endpoint> connect_to = std::nullopt;
  std::optional<tls_context> tls = std::nullopt;
  std::size_t max_connections = 4;
  std::size_t max_waiting = 256;
  std::size_t body_limit = 4 * 1024 * 1024;
  base::duration idle_limit = std::chrono::seconds(30);
};

class http_client {
 public:
  static base::result<http_client> make(const executor& runs_on, http_client_options chosen);
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) noexcept;
  ~http_client();

  task<http_response> call(http_request request, base::steady_time deadline);
  std::size_t open_connections() const noexcept;

 private:
  struct state;
  explicit http_client(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

}
