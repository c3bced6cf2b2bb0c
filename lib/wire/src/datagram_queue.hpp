#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/wire/session.hpp"
#include "ring.hpp"

namespace httvps::wire {

inline constexpr std::size_t datagram_cost = 64;

struct datagram_limits {
  byte_count bytes = 64 * base::kibibyte;
  base::duration age = std::chrono::milliseconds(100);
  base::duration pin = std::chrono::seconds(60);
  std::size_t flows = 1024;
};

class datagram_queue {
 public:
  explicit datagram_queue(const datagram_limits& limits = {}) noexcept : limits_(limits) {}

  void attach(carrier_number carrier);
  void detach(carrier_number carrier);
  void refuse() noexcept { ++drops_.malformed; }

  bool push(const datagram_frame& datagram, base::steady_time now);
  const datagram_frame* front(carrier_number carrier) const noexcept;
  void pop(carrier_number carrier);
  void expire(base::steady_time now);

  bool empty() const noexcept { return bytes_ == 0; }
  byte_count bytes() const noexcept { return bytes_; }
  std::size_t flows() const noexcept { return pins_.size(); }
  std::optional<base::steady_time> deadline() const noexcept;
  const datagram_drops& drops() const noexcept { return drops_; }

 private:
  struct entry {
    std::uint64_t order = 0;
    base::steady_time at;
    datagram_frame datagram;
    base::byte_vector payload;
  };
  struct lane {
    carrier_number carrier{};
    ring<entry> waiting;
  };
  struct flow_pin {
    std::uint64_t flow = 0;
    carrier_number carrier{};
    base::steady_time used;
  };

  lane* lane_of(carrier_number carrier) noexcept;
  const lane* lane_of(carrier_number carrier) const noexcept;
  lane* oldest_lane() noexcept;
  carrier_number least_used() const noexcept;
  flow_pin& pin_of(std::uint64_t flow, base::steady_time now);
  void make_room(byte_count wanted);
  void drop_front(lane& from, std::uint64_t& counter);
  void share_out(lane lost);
  void forget_idle_pins(base::steady_time now);

  datagram_limits limits_;
  datagram_drops drops_;
  std::vector<lane> lanes_;
  std::vector<flow_pin> pins_;
  byte_count bytes_ = 0;
  std::uint64_t order_ = 0;
};

}
