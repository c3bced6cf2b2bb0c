#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/net/byte_stream.hpp"
#include "httvps/net/carrier_socket.hpp"

namespace httvps::net {

class tls_stream final : public carrier_socket, public byte_stream {
 public:
  tls_stream(tcp_stream socket, tls_engine engine);
  tls_stream(tls_stream&&) noexcept = default;
  tls_stream& operator=(tls_stream&&) noexcept = default;

  task<> handshake(base::steady_time deadline);
  task<std::size_t> read_some(base::byte_span space, base::steady_time deadline) override;
  task<> write_all(base::byte_view bytes, base::steady_time deadline) override;
  task<> close(base::steady_time deadline) override;

  task<> wait_readable(base::steady_time deadline);
  base::result<std::size_t> try_read(base::byte_span plain) override;
  base::result<> try_write(base::byte_view plain);
  base::result<> encrypt(base::byte_view plain, ciphertext_buffer& output);
  const tls_engine& engine() const noexcept { return engine_; }
  std::vector<tls_ticket> take_tickets() { return engine_.take_tickets(); }

 private:
  base::result<tls_progress> handshake_step();
  base::result<base::byte_view> receive_ciphertext(base::byte_span space);
  base::result<> send_close_notify();
  void keep_unread(base::byte_view input);

  tls_engine engine_;
  ciphertext_buffer unread_;
  bool more_expected_ = false;
};

}
