#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/wire/session.hpp"

namespace httvps::wire {

inline std::uint8_t pattern_byte(role sender, stream_id stream, byte_count offset) {
  const auto salt = sender == role::client ? 17U : 91U;
  const auto mixed = (static_cast<std::uint64_t>(stream) * 0x9e3779b97f4a7c15U) ^
                     (offset * 0xc2b2ae3d27d4eb4fU) ^ salt;
  return static_cast<std::uint8_t>(mixed >> 29U);
}

struct stream_record {
  byte_count received = 0;
  byte_count sent = 0;
  bool corrupt = false;
  bool finished = false;
  std::optional<errc> reset;
  std::optional<errc> stopped;
  std::optional<std::uint64_t> carriers;
};

struct heard_datagram {
  std::uint64_t flow = 0;
  wire::target target;
  std::string payload;
};

class machine final : public data_sink {
 public:
  machine(role role, session_limits limits, base::byte_count memory, std::uint64_t seed);

  std::size_t on_data(stream_id stream, byte_view payload) override;
  void on_datagram(const datagram_frame& datagram) override;
  void check(stream_id stream, byte_view payload);
  std::size_t send_pattern(stream_id stream, std::size_t count);
  void read_all(stream_id stream, base::steady_time now);
  void drain_events();

  role side;
  base::seeded_random random;
  base::slab_pool pool;
  wire::session session;
  std::map<stream_id, stream_record> streams;
  std::vector<stream_opened> opened;
  std::vector<carrier_measured> round_trips;
  std::vector<session_event> other_events;
  std::vector<heard_datagram> datagrams;
  std::size_t accept_most = SIZE_MAX;
  bool stalled = false;
};

class machine_pair {
 public:
  explicit machine_pair(session_limits limits = {}, base::byte_count memory = 64 * base::mebibyte);

  void connect(std::uint64_t carrier = 1);
  void exchange();
  void settle_for(base::duration span);
  bool step(machine& from, machine& to);

  base::steady_time now{std::chrono::hours(1)};
  machine client;
  machine gateway;
  carrier_number carrier{1};
  std::optional<base::error> failure;
};

}
