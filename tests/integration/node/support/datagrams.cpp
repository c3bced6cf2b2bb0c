#include "node/support/datagrams.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "httvps/shadowsocks/packet.hpp"
#include "node/support/private_network.hpp"
#include "support/udp.hpp"

namespace httvps::testing {
namespace {

using namespace httvps::shadowsocks;

constexpr int poll_milliseconds = 20;
constexpr ipv4_bytes public_bytes{203, 0, 113, 7};

}

public_datagram_echo::public_datagram_echo()
    : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, public_address, &address.sin_addr);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_.descriptor(), generic, size) != 0 ||
      getsockname(socket_.descriptor(), generic, &size) != 0) {
    throw std::runtime_error("no UDP port on the public address of the test");
  }
  port_ = ntohs(address.sin_port);
  worker_ = std::thread([this] { serve(); });
}

public_datagram_echo::~public_datagram_echo() {
  stopping_ = true;
  worker_.join();
}

void public_datagram_echo::serve() {
  base::byte_array<max_packet_size> room;
  while (!stopping_) {
    pollfd watched{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, poll_milliseconds) <= 0) {
      continue;
    }
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* generic = reinterpret_cast<sockaddr*>(&from);
    const auto count = recvfrom(socket_.descriptor(), room.data(), room.size(), 0, generic, &size);
    if (count >= 0) {
      sendto(socket_.descriptor(), room.data(), static_cast<std::size_t>(count), 0, generic, size);
    }
  }
}

base::byte_vector echo_datagram_through(const key_use& chosen, base::byte_view payload) {
  openssl_engine engine;
  packet_codec codec(
      engine,
      derive_master_key(chosen.method, base::secret_bytes::from_text(chosen.secret)).value());
  const auto address =
      encoded_target::from({.host = public_bytes, .port = chosen.origin_port}).value();
  const auto with = make_salt(chosen.method, {}, base::secure_random()).value();
  base::byte_vector out(codec.sealed_size(address, payload.size()));
  codec.seal({.with = with, .to = address, .payload = payload}, out).value();
  const udp_port port;
  port.send_to(chosen.server_port, out);
  auto arrival = port.receive(std::chrono::seconds(2));
  if (!arrival) {
    return {};
  }
  const auto opened = codec.open_in_place(arrival->bytes).value();
  return {opened.payload.begin(), opened.payload.end()};
}

}
