#include "socks/udp_association.hpp"

#include <utility>

#include "errc.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t slot_size = socks_datagram_head_most + socks_payload_most;
constexpr std::size_t calls_a_turn = 8;

}

udp_workspace::udp_workspace()
    : memory(std::make_unique_for_overwrite<std::uint8_t[]>((socks_arrivals_of_a_call + 1) *
                                                            slot_size)) {
  const base::byte_span all(memory.get(), (socks_arrivals_of_a_call + 1) * slot_size);
  for (std::size_t i = 0; i < socks_arrivals_of_a_call; ++i) {
    arrivals[i].room = all.subspan(i * slot_size, slot_size);
  }
  output = all.last(slot_size);
}

base::result<std::shared_ptr<udp_association>> udp_association::open(udp_association_parts parts) {
  const net::endpoint any_port{.host = parts.local.host, .port = 0};
  HTTVPS_TRY(const auto client, net::to_udp_place(parts.client));
  HTTVPS_TRY(auto socket, net::udp_socket::bind(parts.runs_on, any_port));
  return std::shared_ptr<udp_association>(
      new udp_association(std::move(parts), std::move(socket), client));
}

udp_association::udp_association(udp_association_parts parts, net::udp_socket socket,
                                 net::udp_place client)
    : parts_(std::move(parts)), socket_(std::move(socket)), client_(std::move(client)) {
  ++parts_.counts->open_associations;
}

udp_association::~udp_association() {
  --parts_.counts->open_associations;
}

void udp_association::close() noexcept {
  flow_.reset();
  socket_.close_now();
}

net::task<> udp_association::serve(std::shared_ptr<udp_association> self) {
  while (self->socket_.is_open()) {
    const auto readable = co_await self->socket_.wait_readable(self->patience());
    if (!readable && readable.error() != net::errc::timed_out) {
      co_return readable;
    }
    for (std::size_t call = 0; call < calls_a_turn && self->receive(); ++call) {
    }
    self->end_idle_flow();
  }
  co_return base::result<>();
}

base::steady_time udp_association::patience() const {
  return flow_ ? used_ + parts_.idle : net::no_deadline;
}

void udp_association::end_idle_flow() {
  if (flow_ && base::real_clock().steady_now() >= used_ + parts_.idle) {
    flow_.reset();
  }
}

bool udp_association::receive() {
  if (!socket_.is_open()) {
    return false;
  }
  auto& arrivals = parts_.workspace->arrivals;
  const auto got = socket_.try_receive(arrivals);
  for (std::size_t i = 0; got && i < *got; ++i) {
    take(arrivals[i]);
  }
  return got == arrivals.size();
}

void udp_association::take(const net::udp_arrival& arrival) {
  if (arrival.fit == net::udp_fit::cut || !is_from_client(arrival.from)) {
    drop();
    return;
  }
  const auto datagram = decode_datagram(arrival.bytes());
  if (!datagram) {
    drop();
    return;
  }
  client_.port(arrival.from.port());
  if (!forward(*datagram)) {
    drop();
  }
}

bool udp_association::is_from_client(const net::udp_place& from) const {
  return from.address() == client_.address() &&
         (client_.port() == 0 || from.port() == client_.port());
}

base::result<> udp_association::forward(const socks_datagram& datagram) {
  if (datagram.payload.size() > socks_payload_most) {
    return base::fail(base::errc::limit_reached);
  }
  if (!flow_) {
    HTTVPS_TRY(flow_, parts_.opener.open_datagrams(*this));
  }
  used_ = base::real_clock().steady_now();
  HTTVPS_CHECK(flow_->send(datagram.target, datagram.payload));
  ++parts_.counts->datagrams_up;
  return {};
}

void udp_association::on_datagram(const wire::target& from, base::byte_view payload) {
  const auto encoded =
      encode_datagram({.target = from, .payload = payload}, parts_.workspace->output);
  if (!encoded || client_.port() == 0 || !socket_.is_open()) {
    drop();
    return;
  }
  used_ = base::real_clock().steady_now();
  const std::array batch{net::udp_departure{.bytes = *encoded, .to = client_}};
  if (!socket_.try_send(batch)) {
    drop();
    return;
  }
  ++parts_.counts->datagrams_down;
}

}
