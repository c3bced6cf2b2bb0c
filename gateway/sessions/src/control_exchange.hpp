#pragma once

#include <memory>

#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/net/http_parser.hpp"

namespace httvps::gateway {

class control_exchange final : public std::enable_shared_from_this<control_exchange> {
 public:
  control_exchange(hosted_session& host, wire::stream_id stream);

  net::task<> run();
  void wake() { progress_.notify(); }
  void abort();

 private:
  net::task<> serve();
  base::result<bool> read_request();
  net::task<> answer(net::http_response response);

  hosted_session& host_;
  wire::stream_id stream_;
  net::event progress_;
  net::http_request_parser parser_;
  bool aborted_ = false;
};

bool is_forwarded(const net::http_request& request) noexcept;

}
