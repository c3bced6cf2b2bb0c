#include "httvps/sdk/tunnel.hpp"

#include <utility>

#include "tunnel_core.hpp"

namespace httvps::sdk {

tunnel::tunnel(const net::executor& runs_on, tunnel_options chosen)
    : core_(std::make_shared<core>(runs_on, std::move(chosen))) {}
tunnel::tunnel(tunnel&&) noexcept = default;
tunnel& tunnel::operator=(tunnel&&) noexcept = default;
tunnel::~tunnel() = default;

void tunnel::start() {
  core_->start();
}

net::task<> tunnel::ready(base::steady_time deadline) {
  return core::ready(core_, deadline);
}

base::result<stream_port> tunnel::open(wire::target where, stream_handler& handler) {
  HTTVPS_TRY(const auto link, core_->link_for_streams());
  return link->open(std::move(where), handler);
}

base::result<tunnel_stream> tunnel::open_stream(wire::target where) {
  HTTVPS_TRY(const auto link, core_->link_for_streams());
  return tunnel_stream::open(link, std::move(where));
}

base::result<std::unique_ptr<datagram_port>> tunnel::open_datagrams(datagram_handler& handler) {
  return core_->open_datagrams(handler);
}

control_task<std::string> tunnel::ask(device_question question, base::steady_time deadline) {
  return core::ask(core_, std::move(question), deadline);
}

tunnel_status tunnel::status() const {
  return core_->status();
}

net::task<> tunnel::stop(base::steady_time deadline) {
  return core::stop(core_, deadline);
}

}
