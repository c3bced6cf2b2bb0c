#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "httvps/base/bytes.hpp"
#include "httvps/gateway/outline/errc.hpp"
#include "httvps/net/task.hpp"

namespace httvps::gateway {

inline constexpr std::size_t node_quantum = 16320;
inline constexpr std::size_t node_send_batch = 4 * node_quantum;
inline constexpr std::size_t node_receive_size = 128 * 1024;

class payload_source {
 public:
  virtual ~payload_source() = default;
  virtual base::byte_view peek() = 0;
  virtual void consume(std::size_t count) = 0;
};

class payload_sink {
 public:
  virtual ~payload_sink() = default;
  virtual base::byte_span reserve(std::size_t size) = 0;
  virtual void commit(std::size_t count) = 0;
};

struct node_traffic {
  base::byte_count up = 0;
  base::byte_count down = 0;
};

enum class receive_state : std::uint8_t { drained, more, paused, ended };

class node_connection {
 public:
  node_connection(node_connection&&) noexcept;
  node_connection& operator=(node_connection&&) noexcept;
  ~node_connection();

  base::result<std::size_t> try_send(base::byte_view payload);
  base::result<std::size_t> send_from(payload_source& source);
  base::result<> flush();
  bool has_backlog() const noexcept;
  net::task<> wait_writable(base::steady_time deadline);
  base::result<> shutdown_send();

  net::task<> wait_readable(base::steady_time deadline);
  base::result<receive_state> receive(payload_sink& sink, std::size_t limit = node_receive_size);
  std::size_t wanted_room() const noexcept;

  node_traffic traffic() const noexcept;
  const std::string& node_id() const noexcept;
  std::size_t owned_bytes() const noexcept;
  void close() noexcept;
  void reset() noexcept;

 private:
  friend class node_dialer;
  struct state;
  explicit node_connection(std::shared_ptr<state> shared) noexcept;

  std::shared_ptr<state> state_;
};

}
