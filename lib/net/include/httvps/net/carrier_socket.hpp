#pragma once

#include <cstddef>

#include "httvps/net/send_budget.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/net/tls_engine.hpp"

namespace httvps::net {

struct traffic {
  base::byte_count received = 0;
  base::byte_count sent = 0;
};

class carrier_socket {
 public:
  explicit carrier_socket(tcp_stream socket) : socket_(std::move(socket)) {}

  task<> wait_writable(base::steady_time deadline) { return socket_.wait_writable(deadline); }
  base::result<> send(ciphertext_buffer& output);
  base::result<> flush();
  bool has_backlog() const noexcept { return !backlog_.empty(); }
  void note_writable(base::steady_time now) noexcept;
  void note_taken_whole() noexcept;
  void note_drained() noexcept { budget_.note_drained(); }
  std::size_t budget() const noexcept { return budget_.bytes(); }

  base::result<> move_to(const executor& runs_on) { return socket_.move_to(runs_on); }
  tcp_stream& socket() noexcept { return socket_; }
  traffic ciphertext_traffic() const noexcept { return traffic_; }
  void note_sent_elsewhere(base::byte_count bytes) noexcept { traffic_.sent += bytes; }

 protected:
  base::result<std::size_t> read_into(base::byte_span space);

  tcp_stream socket_;

 private:
  void follow_budget(std::size_t before) noexcept;

  ciphertext_buffer backlog_;
  traffic traffic_;
  send_budget budget_;
};

inline constexpr std::size_t tls_backlog_limit = 1024 * 1024;

}
