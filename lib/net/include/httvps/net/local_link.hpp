#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/net/carrier_link.hpp"

namespace httvps::net {

inline constexpr base::byte_count local_record_cost = 64;

class local_link final : public carrier_link {
 public:
  explicit local_link(tcp_stream socket) : stream_(std::move(socket)) {}
  local_link(local_link&&) noexcept = default;
  local_link& operator=(local_link&&) noexcept = default;

  task<> wait_readable(base::steady_time deadline) override;
  base::result<link_state> receive(payload_sink sink) override;
  base::result<send_state> send(payload_source fill) override;
  task<> close(std::uint16_t code, base::steady_time deadline) override;
  carrier_socket& stream() noexcept override { return stream_; }

 private:
  static constexpr std::size_t header_size = 4;

  class plain_socket final : public carrier_socket {
   public:
    using carrier_socket::carrier_socket;
    using carrier_socket::read_into;
  };

  void decode(base::byte_view bytes, payload_sink sink);
  bool fill_output(payload_source fill, base::byte_span staging, ciphertext_buffer& output);

  plain_socket stream_;
  base::byte_array<header_size> header_{};
  std::size_t header_held_ = 0;
  std::size_t left_ = 0;
  bool peer_closed_ = false;
  bool close_sent_ = false;
};

}
