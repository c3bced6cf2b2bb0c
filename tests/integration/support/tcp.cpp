#include "support/tcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace httvps::testing {
namespace {

constexpr int waiting_connections = 4;
constexpr timeval io_limit{.tv_sec = 10, .tv_usec = 0};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t listen_on(const tcp_socket& listener, const char* host, int backlog) {
  auto address = loopback(0);
  inet_pton(AF_INET, host, &address.sin_addr);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.descriptor(), generic, size) != 0 ||
      listen(listener.descriptor(), backlog) != 0 ||
      getsockname(listener.descriptor(), generic, &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  return ntohs(address.sin_port);
}

void bound_waits(int descriptor) {
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &io_limit, sizeof io_limit);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &io_limit, sizeof io_limit);
}

}

tcp_socket::tcp_socket(tcp_socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

tcp_socket& tcp_socket::operator=(tcp_socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

bool tcp_socket::send_all(base::byte_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::size_t> tcp_socket::receive(base::byte_span out) const {
  const auto count = ::recv(descriptor_, out.data(), out.size(), 0);
  if (count < 0) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(count);
}

void tcp_socket::shutdown_send() const {
  ::shutdown(descriptor_, SHUT_WR);
}

void tcp_socket::close() noexcept {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
  }
}

void tcp_socket::close_with_reset() noexcept {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void tcp_socket::wait_for_end(std::chrono::milliseconds at_most) const {
  pollfd watched{.fd = descriptor_, .events = POLLIN, .revents = 0};
  poll(&watched, 1, static_cast<int>(at_most.count()));
}

tcp_socket connect_loopback(std::uint16_t port) {
  tcp_socket made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(port);
  bound_waits(made.descriptor());
  if (connect(made.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    return {};
  }
  return made;
}

mute_listener::mute_listener()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      port_(listen_on(listener_, "127.0.0.1", 0)) {
  for (int i = 0; i < waiting_connections; ++i) {
    tcp_socket queued(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto address = loopback(port_);
    static_cast<void>(
        connect(queued.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    waiting_.push_back(std::move(queued));
  }
}

tcp_origin::tcp_origin(connection_handler handler, const char* address)
    : handler_(std::move(handler)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      port_(listen_on(listener_, address, SOMAXCONN)) {
  acceptor_ = std::thread([this] { accept_connections(); });
}

tcp_origin::~tcp_origin() {
  ::shutdown(listener_.descriptor(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock hold(guard_);
    for (const auto& each : visits_) {
      ::shutdown(each.connection.descriptor(), SHUT_RDWR);
    }
  }
  for (auto& each : visits_) {
    each.worker.join();
  }
}

void tcp_origin::accept_connections() {
  for (;;) {
    tcp_socket connection(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) {
      return;
    }
    bound_waits(connection.descriptor());
    ++accepted_;
    receive_visitor(std::move(connection));
  }
}

void tcp_origin::receive_visitor(tcp_socket connection) {
  const std::scoped_lock hold(guard_);
  forget_those_that_left();
  auto& visitor = visits_.emplace_back(visit{.connection = std::move(connection)});
  try {
    visitor.worker = std::thread([this, &visitor] { serve(visitor); });
  } catch (const std::system_error&) {
    visits_.pop_back();
  }
}

void tcp_origin::serve(visit& visitor) {
  handler_(visitor.connection);
  const std::scoped_lock hold(guard_);
  visitor.connection.close();
  visitor.over = true;
}

void tcp_origin::forget_those_that_left() {
  std::erase_if(visits_, [](visit& each) {
    if (each.over) {
      each.worker.join();
    }
    return each.over;
  });
}

base::byte_vector pattern(std::size_t size) {
  base::byte_vector bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(7 * i + i / 256);
  }
  return bytes;
}

void echo_until_end(tcp_socket& connection) {
  base::byte_array<16384> room;
  for (;;) {
    const auto count = connection.receive(room);
    if (!count || *count == 0 || !connection.send_all(base::byte_view(room).first(*count))) {
      break;
    }
  }
  connection.shutdown_send();
}

namespace {

enum class last_read { orderly_end, failed };

last_read receive_all(const tcp_socket& connection, base::byte_vector& all) {
  base::byte_array<16384> room;
  for (;;) {
    const auto count = connection.receive(room);
    if (!count || *count == 0) {
      return count ? last_read::orderly_end : last_read::failed;
    }
    base::append(all, base::byte_view(room).first(*count));
  }
}

}

base::byte_vector receive_until_end(const tcp_socket& connection) {
  base::byte_vector all;
  receive_all(connection, all);
  return all;
}

std::optional<base::byte_vector> receive_whole(const tcp_socket& connection) {
  base::byte_vector all;
  const auto last = receive_all(connection, all);
  return last == last_read::orderly_end ? std::optional(std::move(all)) : std::nullopt;
}

}
