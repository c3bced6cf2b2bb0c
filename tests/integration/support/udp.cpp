#include "support/udp.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace httvps::testing {
namespace {

constexpr std::size_t largest_datagram = 65536;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

tcp_socket new_socket() {
  return tcp_socket(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

}

udp_port::udp_port() : socket_(new_socket()) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_.descriptor(), generic, size) != 0 ||
      getsockname(socket_.descriptor(), generic, &size) != 0) {
    throw std::runtime_error("no UDP port on loopback");
  }
  port_ = ntohs(address.sin_port);
}

bool udp_port::send_to(std::uint16_t port, base::byte_view bytes) const {
  const auto address = loopback(port);
  return ::sendto(socket_.descriptor(), bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) == static_cast<ssize_t>(bytes.size());
}

std::optional<udp_arrival> udp_port::receive(std::chrono::milliseconds at_most) const {
  pollfd watched{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
  if (poll(&watched, 1, static_cast<int>(at_most.count())) <= 0) {
    return std::nullopt;
  }
  base::byte_vector bytes(largest_datagram);
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const auto count = ::recvfrom(socket_.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&from), &size);
  if (count < 0) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(count));
  return udp_arrival{.from = ntohs(from.sin_port), .bytes = std::move(bytes)};
}

udp_origin::udp_origin(arrival_handler handler) : handler_(std::move(handler)) {
  worker_ = std::thread([this] { serve(); });
}

udp_origin::~udp_origin() {
  stopping_ = true;
  const udp_port waker;
  waker.send_to(port(), {});
  worker_.join();
}

void udp_origin::serve() {
  while (!stopping_) {
    const auto arrival = place_.receive();
    if (arrival && !stopping_) {
      ++received_;
      handler_(place_, *arrival);
    }
  }
}

void echo_datagram(const udp_port& place, const udp_arrival& arrival) {
  place.send_to(arrival.from, arrival.bytes);
}

bool is_udp_port_taken(std::uint16_t port) {
  const auto probe = new_socket();
  const auto address = loopback(port);
  return bind(probe.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
             0 &&
         errno == EADDRINUSE;
}

}
