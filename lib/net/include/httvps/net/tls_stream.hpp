#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/net/byte_stream.hpp"
#include "httvps/net/send_budget.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/tls_engine.hpp"

namespace httvps::net {

struct traffic {
  base::byte_count received = 0;
  base::byte_count sent = 0;
};

class tls_stream final : public byte_stream {
 public:
  tls_stream(tcp_stream socket, tls_engine engine);
  tls_stream(tls_stream&&) noexcept = default;
  tls_stream& operator=(tls_stream&&) noexcept = default;

  task<> handshake(base::steady_time deadline);
  task<std::size_t> read_some(base::byte_span space, base::steady_time deadline) override;
  task<> write_all(base::byte_view bytes, base::steady_time deadline) override;
  task<> close(base::steady_time deadline) override;

  task<> wait_readable(base::steady_time deadline);
  task<> wait_writable(base::steady_time deadline);
  base::result<std::size_t> try_read(base::byte_span plain) override;
  base::result<> try_write(base::byte_view plain);
  base::result<> encrypt(base::byte_view plain, ciphertext_buffer& output);
  base::result<> send(ciphertext_buffer& output);
  base::result<> flush();
  bool has_backlog() const noexcept { return !backlog_.empty(); }
  void note_writable(base::steady_time now) noexcept;
  void note_drained() noexcept { budget_.note_drained(); }
  std::size_t budget() const noexcept { return budget_.bytes(); }

  base::result<> move_to(const executor& runs_on);
  const tls_engine& engine() const noexcept { return engine_; }
  std::vector<tls_ticket> take_tickets() { return engine_.take_tickets(); }
  tcp_stream& socket() noexcept { return socket_; }
  traffic ciphertext_traffic() const noexcept { return traffic_; }

 private:
  base::result<tls_progress> handshake_step();
  base::result<base::byte_view> receive_ciphertext(base::byte_span space);
  base::result<> send_close_notify();
  void keep_unread(base::byte_view input);

  tcp_stream socket_;
  tls_engine engine_;
  ciphertext_buffer unread_;
  ciphertext_buffer backlog_;
  traffic traffic_;
  send_budget budget_;
  bool more_expected_ = false;
};

inline constexpr std::size_t tls_backlog_limit = 1024 * 1024;

}
