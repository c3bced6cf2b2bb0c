#include "common/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr int backlog = 4096;

const sockaddr* generic(const endpoint& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void set_flag(const descriptor& socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket.get(), level, name, &on, sizeof on);
}

}

base::result<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return base::fail(errc::invalid_endpoint);
  }
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    return base::fail(errc::invalid_endpoint);
  }
  endpoint address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const std::string host(text.substr(0, colon));
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return base::fail(errc::invalid_endpoint);
  }
  return address;
}

std::string to_text(const endpoint& address) {
  std::array<char, INET_ADDRSTRLEN> host{};
  ::inet_ntop(AF_INET, &address.sin_addr, host.data(), host.size());
  return fmt::format("{}:{}", host.data(), ntohs(address.sin_port));
}

base::result<descriptor> start_connecting(const endpoint& address) {
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    return base::fail(errc::socket_failed);
  }
  send_without_delay(socket);
  if (::connect(socket.get(), generic(address), sizeof address) < 0 && errno != EINPROGRESS) {
    return base::fail(errc::connect_failed);
  }
  return socket;
}

base::result<void> finish_connecting(const descriptor& socket) {
  int failure = 0;
  socklen_t size = sizeof failure;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size) < 0 || failure != 0) {
    return base::fail(errc::connect_failed);
  }
  return {};
}

base::result<descriptor> listen_on(const endpoint& address) {
  descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    return base::fail(errc::socket_failed);
  }
  set_flag(socket, SOL_SOCKET, SO_REUSEADDR);
  if (::bind(socket.get(), generic(address), sizeof address) < 0 ||
      ::listen(socket.get(), backlog) < 0) {
    return base::fail(errc::socket_failed);
  }
  return socket;
}

base::result<endpoint> bound_address(const descriptor& socket) {
  endpoint address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0) {
    return base::fail(errc::socket_failed);
  }
  return address;
}

void send_without_delay(const descriptor& socket) {
  set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
}

}
