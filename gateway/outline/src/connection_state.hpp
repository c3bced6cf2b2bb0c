#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "httvps/net/tcp.hpp"
#include "httvps/net/tls_engine.hpp"
#include "workspace.hpp"

namespace httvps::gateway {

enum class sending_state : std::uint8_t { dialling, open, ending, held, ended, broken };

struct connection_parts {
  std::shared_ptr<node_workspace> shared;
  std::shared_ptr<outline_node> node;
  net::tcp_stream socket;
  shadowsocks::stream_encryptor encryptor;
  shadowsocks::stream_decryptor decryptor;
};

struct node_connection::state : std::enable_shared_from_this<node_connection::state> {
  explicit state(connection_parts made) : parts(std::move(made)) { parts.node->note_opened(); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { parts.node->note_closed(); }

  base::result<> send_first(const shadowsocks::encoded_target& target, base::byte_view payload);
  base::result<std::size_t> send_from(payload_source& source);
  base::result<> flush();
  base::result<> shutdown_send();
  base::result<receive_state> receive(payload_sink& sink, std::size_t limit);
  void stop_timer() noexcept;

 private:
  struct sealed_batch;
  base::result<> seal_some(sealed_batch& batch, payload_source& source);
  base::result<> write_or_keep(base::byte_view sealed);
  void end_sending();
  void pass_end_on();
  void hold_end();
  void on_quiet();

  base::result<> read_kept(payload_sink& sink);
  base::result<receive_state> read_socket(payload_sink& sink, std::size_t limit);
  base::result<base::byte_view> deliver(base::byte_view sealed, payload_sink& sink);
  base::result<bool> deliver_chunk(base::byte_view& sealed, payload_sink& sink);
  base::result<base::byte_view> opened(base::byte_view sealed, base::byte_span out);
  base::result<receive_state> end_of_stream() const;
  bool is_paused() const noexcept;
  base::error stream_failure_of(const base::error& failure) const noexcept;

 public:
  connection_parts parts;
  net::ciphertext_buffer backlog;
  net::ciphertext_buffer unread;
  node_traffic traffic;
  std::unique_ptr<boost::asio::steady_timer> quiet_timer;
  base::byte_count down_at_last_look = 0;
  sending_state sending = sending_state::dialling;
};

base::error node_failure_of(const base::error& failure) noexcept;

}
