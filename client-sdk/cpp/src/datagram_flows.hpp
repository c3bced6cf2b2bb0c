#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "httvps/sdk/datagram_port.hpp"
#include "httvps/sdk/session_link.hpp"

namespace httvps::sdk {

class datagram_flows final : public datagram_listener,
                             public std::enable_shared_from_this<datagram_flows> {
 public:
  using route = std::function<base::result<std::shared_ptr<session_link>>()>;

  std::unique_ptr<datagram_port> open(datagram_handler& handler, route towards);
  void on_datagram(const wire::datagram_frame& datagram) override;

 private:
  class port;

  std::uint64_t last_flow_ = 0;
  std::unordered_map<std::uint64_t, datagram_handler*> handlers_;
};

}
