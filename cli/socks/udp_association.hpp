#pragma once

#include <array>
#include <memory>
#include <optional>

#include "httvps/net/udp.hpp"
#include "httvps/sdk/datagram_port.hpp"
#include "socks/socks5_datagram.hpp"
#include "socks/socks_server.hpp"

namespace httvps::cli {

inline constexpr std::size_t socks_payload_most = 16320;
inline constexpr std::size_t socks_arrivals_of_a_call = 8;

struct udp_workspace {
  udp_workspace();

  std::unique_ptr<std::uint8_t[]> memory;
  std::array<net::udp_arrival, socks_arrivals_of_a_call> arrivals;
  base::byte_span output;
};

struct udp_association_parts {
  net::executor runs_on;
  net::endpoint local;
  net::endpoint client;
  std::chrono::milliseconds idle{};
  sdk::datagram_opener& opener;
  std::shared_ptr<udp_workspace> workspace;
  std::shared_ptr<socks_counts> counts;
};

class udp_association final : private sdk::datagram_handler {
 public:
  static base::result<std::shared_ptr<udp_association>> open(udp_association_parts parts);
  udp_association(const udp_association&) = delete;
  udp_association& operator=(const udp_association&) = delete;
  ~udp_association() override;

  static net::task<> serve(std::shared_ptr<udp_association> self);
  net::endpoint local() const { return socket_.local(); }
  void close() noexcept;

 private:
  udp_association(udp_association_parts parts, net::udp_socket socket, net::udp_place client);

  void on_datagram(const wire::target& from, base::byte_view payload) override;
  bool receive();
  void take(const net::udp_arrival& arrival);
  bool is_from_client(const net::udp_place& from) const;
  base::result<> forward(const socks_datagram& datagram);
  base::steady_time patience() const;
  void end_idle_flow();
  void drop() { ++parts_.counts->dropped_datagrams; }

  udp_association_parts parts_;
  net::udp_socket socket_;
  net::udp_place client_;
  base::steady_time used_{};
  std::unique_ptr<sdk::datagram_port> flow_;
};

}
