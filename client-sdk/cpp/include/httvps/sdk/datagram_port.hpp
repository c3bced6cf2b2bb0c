#pragma once

#include <memory>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::sdk {

class datagram_handler {
 public:
  virtual ~datagram_handler() = default;
  virtual void on_datagram(const wire::target& from, base::byte_view payload) = 0;
};

class datagram_port {
 public:
  virtual ~datagram_port() = default;
  virtual base::result<> send(const wire::target& to, base::byte_view payload) = 0;
};

class datagram_opener {
 public:
  virtual ~datagram_opener() = default;
  virtual base::result<std::unique_ptr<datagram_port>> open_datagrams(
      datagram_handler& handler) = 0;
};

}
