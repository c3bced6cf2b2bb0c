#pragma once

#include <sys/types.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>

#include "httvps/net/tcp.hpp"

namespace httvps::net {

struct local_place {
  std::string path;
  uid_t user = 0;
};

class local_listener {
 public:
  static base::result<local_listener> open(const executor& runs_on, local_place place);
  local_listener(local_listener&&) noexcept = default;
  local_listener& operator=(local_listener&&) noexcept = default;

  task<tcp_stream> accept();
  void close() noexcept;

 private:
  using acceptor = asio::local::stream_protocol::acceptor;
  local_listener(std::shared_ptr<acceptor> opened, local_place place)
      : acceptor_(std::move(opened)), place_(std::move(place)) {}

  std::shared_ptr<acceptor> acceptor_;
  local_place place_;
};

base::result<tcp_stream> connect_local(const executor& runs_on, const local_place& place);

}
