#pragma once

#include <boost/asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "httvps/base/bytes.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/net/task.hpp"

namespace httvps::net {

using udp_place = asio::ip::udp::endpoint;

inline constexpr std::size_t udp_batch_most = 32;

enum class udp_fit : std::uint8_t { whole, cut };

struct udp_arrival {
  base::byte_span room;
  std::size_t size = 0;
  udp_place from = {};
  udp_fit fit = udp_fit::whole;

  base::byte_span bytes() const noexcept { return room.first(size); }
};

struct udp_departure {
  base::byte_view bytes;
  udp_place to = {};
};

base::result<udp_place> to_udp_place(const endpoint& address);
endpoint to_endpoint(const udp_place& place);

class udp_socket {
 public:
  static base::result<udp_socket> bind(const executor& runs_on, const endpoint& address);
  static base::result<udp_socket> connect(const executor& runs_on, const endpoint& address);

  task<> wait_readable(base::steady_time deadline);
  task<> wait_writable(base::steady_time deadline);
  base::result<std::size_t> try_receive(std::span<udp_arrival> slots);
  base::result<std::size_t> try_send(std::span<const udp_departure> batch);

  base::result<> widen_buffers(std::size_t bytes);
  void close_now() noexcept;
  bool is_open() const noexcept;
  executor get_executor() const;
  endpoint local() const;
  endpoint remote() const;

 private:
  struct state;
  explicit udp_socket(std::shared_ptr<state> shared) noexcept : state_(std::move(shared)) {}

  std::shared_ptr<state> state_;
};

}
