#include "datagram_flows.hpp"

#include <utility>

namespace httvps::sdk {

class datagram_flows::port final : public datagram_port {
 public:
  port(std::shared_ptr<datagram_flows> owner, std::uint64_t flow, route towards)
      : owner_(std::move(owner)), flow_(flow), towards_(std::move(towards)) {}
  port(const port&) = delete;
  port& operator=(const port&) = delete;
  ~port() override { owner_->handlers_.erase(flow_); }

  base::result<> send(const wire::target& to, base::byte_view payload) override {
    if (payload.size() > wire::data_payload_most) {
      return base::fail(wire::errc::frame_too_large);
    }
    HTTVPS_TRY(const auto link, towards_());
    const bool queued = link->send_datagram({.flow = flow_, .target = to, .payload = payload});
    return queued ? base::result<>() : base::fail(wire::errc::carrier_lost);
  }

 private:
  std::shared_ptr<datagram_flows> owner_;
  std::uint64_t flow_;
  route towards_;
};

std::unique_ptr<datagram_port> datagram_flows::open(datagram_handler& handler, route towards) {
  const auto flow = ++last_flow_;
  handlers_.emplace(flow, &handler);
  return std::make_unique<port>(shared_from_this(), flow, std::move(towards));
}

void datagram_flows::on_datagram(const wire::datagram_frame& datagram) {
  const auto found = handlers_.find(datagram.flow);
  if (found != handlers_.end()) {
    found->second->on_datagram(datagram.target, datagram.payload);
  }
}

}
