#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "httvps/base/clock.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/base/random.hpp"
#include "httvps/gateway/outline/node.hpp"
#include "httvps/shadowsocks/aead.hpp"
#include "httvps/shadowsocks/target.hpp"

namespace httvps::gateway {

inline constexpr std::size_t datagram_payload_most = 16320;

struct datagram {
  std::uint64_t flow = 0;
  shadowsocks::target peer;
  base::byte_view payload;
};

class datagram_sink {
 public:
  virtual ~datagram_sink() = default;
  virtual void on_datagram(const datagram& arrived) = 0;
  virtual void on_sent(base::byte_count payload) = 0;
};

struct datagram_limits {
  std::size_t flows = 4096;
  std::size_t flows_of_session = 256;
  base::duration idle = std::chrono::seconds(60);
  base::byte_count backlog = 64 * base::kibibyte;
  base::duration backlog_age = std::chrono::milliseconds(100);
};

struct datagram_meter {
  base::counter packets_up = {};
  base::counter packets_down = {};
  base::counter dropped = {};
  base::gauge flows = {};
};

struct datagram_counts {
  std::uint64_t packets_up = 0;
  std::uint64_t packets_down = 0;
  base::byte_count bytes_up = 0;
  base::byte_count bytes_down = 0;
  std::uint64_t dropped_full = 0;
  std::uint64_t dropped_invalid = 0;
  std::uint64_t dropped_unreachable = 0;
};

struct datagram_engine_parts {
  const base::clock& clock;
  base::random_source& random;
  datagram_limits limits = {};
  datagram_meter meter = {};
  std::shared_ptr<shadowsocks::aead_engine> engine = nullptr;
};

class datagram_engine {
 public:
  explicit datagram_engine(datagram_engine_parts parts);
  datagram_engine(const datagram_engine&) = delete;
  datagram_engine& operator=(const datagram_engine&) = delete;
  ~datagram_engine();

  std::size_t flows() const noexcept;

 private:
  friend class datagram_relay;
  struct state;
  std::shared_ptr<state> state_;
};

class datagram_relay {
 public:
  struct place {
    net::executor runs_on;
    std::shared_ptr<outline_node> node;
  };

  datagram_relay(datagram_engine& engine, place where, datagram_sink& sink);
  datagram_relay(const datagram_relay&) = delete;
  datagram_relay& operator=(const datagram_relay&) = delete;
  ~datagram_relay();

  base::result<> send(const datagram& leaving);
  void tick(base::steady_time now);
  std::optional<base::steady_time> deadline() const noexcept;
  std::size_t flows() const noexcept;
  const datagram_counts& counts() const noexcept;
  void close() noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}
