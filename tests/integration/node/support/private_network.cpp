#include "node/support/private_network.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

ifreq named(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return request;
}

void ask(const tcp_socket& through, unsigned long what, ifreq& request) {
  if (ioctl(through.descriptor(), what, &request) != 0) {
    throw std::runtime_error(std::string("the private network cannot be set up: ") +
                             std::strerror(errno));
  }
}

}

void enter_private_network() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    throw std::runtime_error(
        "these tests need a network namespace of their own: run them as root or allow user "
        "namespaces");
  }
  const tcp_socket through(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto loopback = named("lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  ask(through, SIOCSIFFLAGS, loopback);
  auto alias = named("lo:1");
  auto* address = reinterpret_cast<sockaddr_in*>(&alias.ifr_addr);
  address->sin_family = AF_INET;
  inet_pton(AF_INET, public_address, &address->sin_addr);
  ask(through, SIOCSIFADDR, alias);
}

}
