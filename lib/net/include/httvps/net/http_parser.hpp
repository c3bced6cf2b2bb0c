#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::net {

enum class http_part { head, message };

struct http_parser_options {
  http_part wanted = http_part::message;
  std::size_t head_limit = 16 * 1024;
  std::size_t body_limit = 1024 * 1024;
  std::string request_method = {};
};

class http_request_parser {
 public:
  explicit http_request_parser(http_parser_options chosen = {});
  http_request_parser(http_request_parser&&) noexcept;
  http_request_parser& operator=(http_request_parser&&) noexcept;
  ~http_request_parser();

  base::result<> feed(base::byte_view bytes);
  bool is_head_done() const noexcept;
  bool is_done() const noexcept;
  bool has_started() const noexcept;
  bool expects_continue() const noexcept;
  bool keeps_alive() const noexcept;
  std::size_t consumed() const noexcept;
  const http_request& message() const noexcept;
  http_request take();
  base::byte_vector take_rest();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

class http_response_parser {
 public:
  explicit http_response_parser(http_parser_options chosen = {});
  http_response_parser(http_response_parser&&) noexcept;
  http_response_parser& operator=(http_response_parser&&) noexcept;
  ~http_response_parser();

  base::result<> feed(base::byte_view bytes);
  base::result<> finish();
  bool is_head_done() const noexcept;
  bool is_done() const noexcept;
  bool has_started() const noexcept;
  bool keeps_alive() const noexcept;
  std::size_t consumed() const noexcept;
  const http_response& message() const noexcept;
  http_response take();
  base::byte_vector take_rest();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}
