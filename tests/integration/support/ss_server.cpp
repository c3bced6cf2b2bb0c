#include "support/ss_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "support/tcp.hpp"
#include "support/udp.hpp"

namespace httvps::testing {
namespace {

constexpr unsigned first_other_descriptor = 3;
constexpr int start_attempts = 5;
constexpr auto listening_limit = std::chrono::seconds(5);
constexpr auto probe_interval = std::chrono::milliseconds(5);

void run_server(const std::string& settings, const std::string& outgoing_address) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {0, 1, 2}) {
    dup2(nowhere, stream);
  }
  close_range(first_other_descriptor, ~0U, 0);
  const char* bound = outgoing_address.empty() ? nullptr : "-b";
  execlp("ss-server", "ss-server", "-c", settings.c_str(), bound, outgoing_address.c_str(),
         nullptr);
  _exit(127);
}

}

std::uint16_t free_port() {
  const tcp_socket probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(probe.descriptor(), generic, size) != 0 ||
      getsockname(probe.descriptor(), generic, &size) != 0) {
    throw std::runtime_error("no free port on loopback");
  }
  return ntohs(address.sin_port);
}

ss_server::ss_server(shadowsocks::cipher_method method, std::string outgoing_address)
    : method_(method), outgoing_address_(std::move(outgoing_address)) {
  for (int attempt = 0; attempt < start_attempts; ++attempt) {
    start();
    if (wait_until_listening()) {
      return;
    }
    stop();
  }
  throw std::runtime_error("ss-server does not start: is shadowsocks-libev installed?");
}

ss_server::~ss_server() {
  stop();
}

void ss_server::start() {
  port_ = free_port();
  const auto settings = folder_.file("settings.json");
  std::ofstream(settings) << R"({"server":"127.0.0.1","server_port":)" << port_ << R"(,"method":")"
                          << shadowsocks::name_of(method_) << R"(","password":")" << server_password
                          << R"(","timeout":60,"mode":"tcp_and_udp"})";
  process_ = fork();
  if (process_ == 0) {
    run_server(settings, outgoing_address_);
  }
}

bool ss_server::wait_until_listening() const {
  const auto end = std::chrono::steady_clock::now() + listening_limit;
  while (std::chrono::steady_clock::now() < end) {
    if (connect_loopback(port_) && is_udp_port_taken(port_)) {
      return waitpid(process_, nullptr, WNOHANG) == 0;
    }
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      return false;
    }
    std::this_thread::sleep_for(probe_interval);
  }
  return false;
}

void ss_server::stop() noexcept {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
}

}
