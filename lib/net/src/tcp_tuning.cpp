#include "tcp_tuning.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace httvps::net {
namespace {

constexpr std::size_t name_room = 16;

}

void tune_socket(int descriptor, const tcp_tuning& wanted) noexcept {
  if (wanted.unsent_most > 0) {
    const auto most = static_cast<unsigned>(wanted.unsent_most);
    static_cast<void>(::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most));
  }
  if (!wanted.congestion_control.empty()) {
    const auto name = wanted.congestion_control;
    static_cast<void>(::setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                                   static_cast<socklen_t>(name.size())));
  }
}

std::size_t unacknowledged_by(int descriptor) noexcept {
  int bytes = 0;
  const bool known = ::ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0;
  return known ? static_cast<std::size_t>(bytes) : 0;
}

std::string congestion_control_of(int descriptor) {
  std::array<char, name_room> name{};
  socklen_t size = name.size() - 1;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) {
    return {};
  }
  return name.data();
}

std::string carrier_congestion_control() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    return {};
  }
  tune_socket(probe, carrier_tuning);
  auto name = congestion_control_of(probe);
  ::close(probe);
  return name;
}

}
