#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bound/relay.hpp"
#include "common/endpoint.hpp"
#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr int exit_usage = 2;
constexpr base::byte_count largest_work = 1024 * base::gibibyte;
constexpr std::string_view usage =
    "bench-bound up|down chacha20-ietf-poly1305|aes-256-gcm MIB [verify]\n"
    "One thread: receive, open, seal, send. up opens TLS 1.3 AES-128-GCM records and seals\n"
    "Shadowsocks chunks, down is the way back. verify makes the far end check every byte.\n"
    "Prints one JSON object.\n";

enum class direction { up, down };
enum class far_end { discard, verify };

struct work {
  direction way = direction::up;
  aead_kind node_cipher = aead_kind::chacha20_poly1305;
  base::byte_count payload = 0;
  far_end check = far_end::discard;
};

struct socket_pair {
  descriptor near;
  descriptor far;
};

std::optional<work> parse_work(std::span<const std::string_view> arguments) {
  if (arguments.size() < 3 || arguments.size() > 4) {
    return std::nullopt;
  }
  work wanted;
  std::uint64_t mebibytes = 0;
  const auto [end, failure] =
      std::from_chars(arguments[2].data(), arguments[2].data() + arguments[2].size(), mebibytes);
  const bool known_way = arguments[0] == "up" || arguments[0] == "down";
  const bool known_cipher =
      arguments[1] == "chacha20-ietf-poly1305" || arguments[1] == "aes-256-gcm";
  if (!known_way || !known_cipher || failure != std::errc() || mebibytes == 0 ||
      mebibytes > largest_work / base::mebibyte ||
      (arguments.size() == 4 && arguments[3] != "verify")) {
    return std::nullopt;
  }
  wanted.way = arguments[0] == "up" ? direction::up : direction::down;
  wanted.node_cipher =
      arguments[1] == "aes-256-gcm" ? aead_kind::aes_256_gcm : aead_kind::chacha20_poly1305;
  wanted.payload = mebibytes * base::mebibyte;
  wanted.check = arguments.size() == 4 ? far_end::verify : far_end::discard;
  return wanted;
}

base::result<socket_pair> connect_loopback() {
  HTTVPS_TRY(const auto any, parse_endpoint("127.0.0.1:0"));
  HTTVPS_TRY(const auto listener, listen_on(any));
  HTTVPS_TRY(const auto address, bound_address(listener));
  descriptor near(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!near ||
      ::connect(near.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return base::fail(errc::connect_failed);
  }
  descriptor far(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!far) {
    return base::fail(errc::connect_failed);
  }
  send_without_delay(near);
  send_without_delay(far);
  return socket_pair{.near = std::move(near), .far = std::move(far)};
}

base::result<std::unique_ptr<record_stream>> stream_on_client_side(const work& wanted,
                                                                   aead_use use) {
  return wanted.way == direction::up ? make_tls_stream(use)
                                     : make_shadowsocks_stream(wanted.node_cipher, use);
}

base::result<std::unique_ptr<record_stream>> stream_on_node_side(const work& wanted, aead_use use) {
  return wanted.way == direction::up ? make_shadowsocks_stream(wanted.node_cipher, use)
                                     : make_tls_stream(use);
}

base::result<void> act_as_source(const work& wanted, const descriptor& to) {
  HTTVPS_TRY(const auto sealing, stream_on_client_side(wanted, aead_use::seal));
  return send_records(to, *sealing, wanted.payload);
}

base::result<void> act_as_sink(const work& wanted, const descriptor& from) {
  if (wanted.check == far_end::discard) {
    HTTVPS_CHECK(discard_records(from));
    return {};
  }
  HTTVPS_TRY(const auto opening, stream_on_node_side(wanted, aead_use::open));
  HTTVPS_TRY(const auto checked, verify_records(from, *opening));
  return checked >= wanted.payload ? base::result<void>() : base::fail(errc::wrong_length);
}

int exit_code(const base::result<void>& outcome) {
  if (!outcome) {
    fmt::print(stderr, "{}\n", outcome.error().message());
  }
  return outcome ? 0 : 1;
}

struct measured {
  relayed moved;
  double seconds = 0;
  double user = 0;
  double system = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

base::result<measured> measure(const work& wanted, const relay_ends& ends) {
  HTTVPS_TRY(const auto opening, stream_on_client_side(wanted, aead_use::open));
  HTTVPS_TRY(const auto sealing, stream_on_node_side(wanted, aead_use::seal));
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto began = std::chrono::steady_clock::now();
  HTTVPS_TRY(const auto moved, relay_records(ends, *opening, *sealing));
  const auto elapsed = std::chrono::steady_clock::now() - began;
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  return measured{.moved = moved,
                  .seconds = std::chrono::duration<double>(elapsed).count(),
                  .user = seconds_of(after.ru_utime) - seconds_of(before.ru_utime),
                  .system = seconds_of(after.ru_stime) - seconds_of(before.ru_stime)};
}

void print(const measured& figures) {
  const auto payload = static_cast<double>(figures.moved.payload);
  const auto cpu = figures.user + figures.system;
  fmt::print(R"({{"payload":{},"seconds":{:.6f},"user_seconds":{:.4f},"system_seconds":{:.4f},)"
             R"("mibps":{:.2f},"cpu_s_per_gib":{:.4f},"bytes_per_receive":{:.0f}}})"
             "\n",
             figures.moved.payload, figures.seconds, figures.user, figures.system,
             payload / static_cast<double>(base::mebibyte) / figures.seconds,
             cpu / (payload / static_cast<double>(base::gibibyte)),
             payload / static_cast<double>(figures.moved.receives));
}

bool ended_well(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

base::result<bool> run(const work& wanted) {
  HTTVPS_TRY(auto incoming, connect_loopback());
  HTTVPS_TRY(auto outgoing, connect_loopback());
  const auto source = ::fork();
  if (source == 0) {
    incoming.near.close();
    std::_Exit(exit_code(act_as_source(wanted, incoming.far)));
  }
  incoming.far.close();
  const auto destination = ::fork();
  if (destination == 0) {
    incoming.near.close();
    outgoing.near.close();
    std::_Exit(exit_code(act_as_sink(wanted, outgoing.far)));
  }
  outgoing.far.close();
  const relay_ends ends{.from = incoming.near, .to = outgoing.near};
  const auto figures = measure(wanted, ends);
  incoming.near.close();
  outgoing.near.close();
  const bool both = ended_well(source) && ended_well(destination);
  HTTVPS_CHECK(figures);
  print(*figures);
  return both;
}

}
}

int main(int count, char** values) {
  using namespace httvps::bench;
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string_view> arguments(values + 1, values + count);
  const auto wanted = parse_work(arguments);
  if (!wanted) {
    fmt::print(stderr, "{}", usage);
    return exit_usage;
  }
  const auto outcome = run(*wanted);
  if (!outcome) {
    fmt::print(stderr, "{}\n", outcome.error().message());
    return 1;
  }
  return *outcome ? 0 : 1;
}
