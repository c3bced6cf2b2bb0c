#pragma once

#include <optional>

#include "httvps/base/clock.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/types.hpp"
#include "ring.hpp"

namespace httvps::wire {

struct carrier_state {
  carrier_number number{};
  frame_reader reader;
  ring<stream_id> ready;
  ring<pong_frame> pongs;
  std::optional<ping_frame> outstanding_ping;
  std::optional<base::duration> round_trip;
  std::optional<base::duration> first_round_trip;
  base::steady_time greeted_at{};
  base::steady_time ping_sent_at{};
  base::steady_time next_probe{};
  base::steady_time last_heard{};
  base::steady_time last_progress{};
  base::steady_time last_taken{};
  base::steady_time proved_until{};
  base::steady_time keepalive_at{};
  base::duration keepalive_after{};
  byte_count down_budget = 0;
  byte_count produced = 0;
  byte_count repeated = 0;
  byte_count small_turns_from = 0;
  byte_count pace = 0;
  byte_count bytes_at_retirement = 0;
  std::size_t pinned = 0;
  bool greeted = false;
  bool heard_greeting = false;
  bool traffic_since_probe = false;
  bool silence_armed = false;
  std::uint8_t silent_probes = 0;
  bool ping_wanted = false;
  bool suspect = false;
  bool reported = false;
  bool reported_by_peer = false;
  bool retiring = false;
  bool last_word_sent = false;
  bool alone_since_attached = false;
  bool failed = false;

  bool usable() const noexcept { return heard_greeting && !suspect && !retiring && !failed; }
};

}
