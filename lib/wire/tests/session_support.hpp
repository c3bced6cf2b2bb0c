#pragma once

#include <vector>

#include "frame_support.hpp"
#include "httvps/wire/varint.hpp"
#include "machine_pair.hpp"

namespace httvps::wire {

inline const target web = domain_target{"example.com", 443};

stream_id open_stream(machine_pair& pair, byte_view payload = {});
base::byte_vector produce_all(machine& from, carrier_number carrier, base::steady_time now);
errc inject(machine_pair& pair, machine& into, const frame& value);
errc inject_bytes(machine_pair& pair, machine& into, byte_view bytes);
std::vector<frame> frames_in(byte_view bytes);
base::byte_vector acknowledgement_of(stream_id stream, byte_count offset);

template <typename Frame>
std::size_t count_frames(const std::vector<frame>& frames) {
  std::size_t count = 0;
  for (const auto& each : frames) {
    count += std::holds_alternative<Frame>(each) ? 1 : 0;
  }
  return count;
}

template <typename Event>
std::size_t count_events(const machine& side) {
  std::size_t count = 0;
  for (const auto& each : side.other_events) {
    count += std::holds_alternative<Event>(each) ? 1 : 0;
  }
  return count;
}

void lose_carrier(machine_pair& pair);
void pour(machine_pair& pair, stream_id id);

}
