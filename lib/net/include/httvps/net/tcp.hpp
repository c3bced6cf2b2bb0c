#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "httvps/net/byte_stream.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/net/task.hpp"

namespace httvps::net {

class tcp_ender;

struct tcp_tuning {
  std::size_t unsent_most = 0;
  std::string_view congestion_control = {};
};

inline constexpr std::size_t unsent_most_of_fast_carriers = 128 * 1024;
inline constexpr tcp_tuning carrier_tuning{.unsent_most = 64 * 1024, .congestion_control = "bbr"};

class tcp_stream final : public byte_stream {
 public:
  explicit tcp_stream(asio::generic::stream_protocol::socket socket);
  tcp_stream(tcp_stream&&) noexcept = default;
  tcp_stream& operator=(tcp_stream&&) noexcept = default;

  task<> wait_readable(base::steady_time deadline);
  task<> wait_writable(base::steady_time deadline);
  base::result<std::size_t> try_read(base::byte_span space) override;
  base::result<std::size_t> try_write(base::byte_view bytes);

  task<std::size_t> read_some(base::byte_span space, base::steady_time deadline) override;
  task<> write_all(base::byte_view bytes, base::steady_time deadline) override;
  task<> close(base::steady_time deadline) override;

  base::result<> shutdown_write();
  void close_now() noexcept;
  void reset() noexcept;
  bool is_open() const noexcept;
  void tune(const tcp_tuning& wanted) noexcept;
  std::size_t unacknowledged() const noexcept;
  std::string congestion_control() const;

  base::result<> move_to(const executor& runs_on);
  executor get_executor() const;
  endpoint local() const;
  endpoint remote() const;
  tcp_ender ender() const noexcept;

 private:
  friend class tcp_ender;
  struct state;
  std::shared_ptr<state> state_;
};

class tcp_ender {
 public:
  void end() const noexcept;

 private:
  friend class tcp_stream;
  explicit tcp_ender(std::weak_ptr<tcp_stream::state> shared) noexcept
      : state_(std::move(shared)) {}

  std::weak_ptr<tcp_stream::state> state_;
};

enum class port_sharing { exclusive, reuse_port };

struct listen_options {
  endpoint place = {};
  port_sharing sharing = port_sharing::exclusive;
  int backlog = 1024;
};

class tcp_listener {
 public:
  static base::result<tcp_listener> open(const executor& runs_on, const listen_options& chosen);

  task<tcp_stream> accept();
  endpoint local() const;
  void close() noexcept;

 private:
  explicit tcp_listener(std::shared_ptr<asio::ip::tcp::acceptor> acceptor)
      : acceptor_(std::move(acceptor)) {}

  std::shared_ptr<asio::ip::tcp::acceptor> acceptor_;
};

std::string carrier_congestion_control();
task<std::vector<endpoint>> resolve(endpoint place, base::steady_time deadline);
task<tcp_stream> connect(endpoint place, base::steady_time deadline);

}
