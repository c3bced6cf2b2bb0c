#include "accounting/support/sorting_origin.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>

namespace httvps::testing {
namespace {

std::string peer_of(const tcp_socket& connection) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  std::array<char, INET_ADDRSTRLEN> text{};
  sockaddr_in address{};
  getpeername(connection.descriptor(), reinterpret_cast<sockaddr*>(&peer), &size);
  std::memcpy(&address, &peer, sizeof(address));
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

}

address_totals sorting_origin::totals() const {
  const std::scoped_lock lock(mutex_);
  return totals_;
}

void sorting_origin::note(const std::string& address, const usage_totals& more) {
  const std::scoped_lock lock(mutex_);
  auto& sum = totals_[address];
  sum.up += more.up;
  sum.down += more.down;
}

bool sorting_origin::send(const tcp_socket& connection, const std::string& address,
                          base::byte_view bytes) {
  note(address, {.down = bytes.size()});
  return connection.send_all(bytes);
}

void sorting_origin::serve(const tcp_socket& connection) {
  const auto address = peer_of(connection);
  base::byte_array<16384> room;
  bool first = true;
  while (const auto count = connection.receive(room)) {
    note(address, {.up = *count});
    const bool greeted =
        !std::exchange(first, false) || send(connection, address, pattern(greeting_size));
    if (*count == 0 || !greeted ||
        !send(connection, address, base::byte_view(room).first(*count))) {
      return;
    }
  }
}

}
