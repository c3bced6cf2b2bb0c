#pragma once

#include <array>
#include <memory>
#include <vector>

#include "httvps/gateway/outline/datagram_relay.hpp"
#include "httvps/net/scope.hpp"
#include "httvps/net/udp.hpp"
#include "httvps/shadowsocks/packet.hpp"
#include "node_reach.hpp"
#include "packet_backlog.hpp"
#include "workspace.hpp"

namespace httvps::gateway {

inline constexpr std::size_t arrivals_of_a_call = 8;
inline constexpr std::size_t packet_room =
    shadowsocks::packet_overhead(shadowsocks::cipher_method::aes_256_gcm) +
    shadowsocks::max_encoded_target_size + datagram_payload_most;

struct datagram_engine::state {
  explicit state(datagram_engine_parts chosen);

  base::result<base::byte_view> seal(shadowsocks::packet_codec& codec,
                                     const shadowsocks::encoded_target& to,
                                     base::byte_view payload);
  bool take_place() noexcept;
  void leave_place() noexcept;
  base::steady_time now() const { return parts.clock.steady_now(); }

  datagram_engine_parts parts;
  shared_engine cipher;
  std::unique_ptr<std::uint8_t[]> memory;
  std::array<net::udp_arrival, arrivals_of_a_call> arrivals;
  base::byte_span output;
  std::size_t flows = 0;
};

struct datagram_flow {
  std::uint64_t id = 0;
  base::steady_time used;
  shadowsocks::packet_codec codec;
  packet_backlog backlog;
  std::optional<net::udp_socket> socket = {};
  bool flushing = false;
  bool ended = false;
};

using shared_flow = std::shared_ptr<datagram_flow>;

struct datagram_relay::state : std::enable_shared_from_this<datagram_relay::state> {
  state(std::shared_ptr<datagram_engine::state> shared, place where, datagram_sink& sink);

  base::result<> send(const datagram& leaving);
  void tick(base::steady_time now);
  std::optional<base::steady_time> deadline() const noexcept;
  void close() noexcept;

  datagram_counts counts;
  std::vector<shared_flow> flows;

 private:
  enum class sending : std::uint8_t { sent, blocked, lost };

  base::result<shared_flow> flow_for(std::uint64_t id);
  base::result<shared_flow> make_flow(std::uint64_t id);
  bool make_place();
  base::result<> open_socket(const shared_flow& flow);
  static net::task<> look_up_and_open(std::shared_ptr<state> self, shared_flow flow);
  static net::task<> read(std::shared_ptr<state> self, shared_flow flow);
  static net::task<> flush(std::shared_ptr<state> self, shared_flow flow);

  void write_or_keep(const shared_flow& flow, base::byte_view sealed, std::size_t payload);
  sending write(datagram_flow& flow, base::byte_view sealed);
  bool write_backlog(datagram_flow& flow);
  void start_flushing(const shared_flow& flow);
  bool receive(datagram_flow& flow);
  void deliver(datagram_flow& flow, const net::udp_arrival& arrival);
  void note_sent(std::size_t payload);
  void note_dropped(std::uint64_t& reason, std::size_t count);
  void end_flow(const shared_flow& flow) noexcept;

  std::shared_ptr<datagram_engine::state> engine_;
  shared_node node_;
  datagram_sink* sink_;
  net::scope tasks_;
};

}
