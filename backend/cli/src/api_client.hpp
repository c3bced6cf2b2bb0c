#pragma once

#include <chrono>
#include <string>

#include "complaint.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/net/http_client.hpp"

namespace httvps::ctl {

enum class plain_http { loopback_only, anywhere };

struct server_access {
  std::string server;
  std::string ca_file;
  plain_http plain = plain_http::loopback_only;
  std::chrono::seconds patience{30};
};

struct api_request {
  std::string method = "GET";
  std::string target;
  std::string body = {};
  std::string if_match = {};
  std::string idempotency_key = {};
};

class api_client {
 public:
  static outcome<api_client> open(const server_access& access, base::secret_bytes token);

  outcome<net::http_response> send(const api_request& wanted);
  const std::string& server() const noexcept { return server_; }
  bool is_secure() const noexcept { return origin_.scheme == net::http_scheme::https; }

 private:
  base::result<net::http_response> send_once(const api_request& wanted);

  api_client(std::string server, net::http_client_options options, base::secret_bytes token)
      : server_(std::move(server)),
        origin_(options.origin),
        options_(std::move(options)),
        token_(std::move(token)) {}

  std::string server_;
  net::http_origin origin_;
  net::http_client_options options_;
  base::secret_bytes token_;
  std::chrono::seconds patience_{30};
};

}
