#pragma once

#include <boost/intrusive/list_hook.hpp>

#include "drain_meter.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/wire/types.hpp"
#include "receive_half.hpp"
#include "send_half.hpp"

namespace httvps::wire {

inline bool is_client_stream(stream_id id) noexcept {
  return static_cast<std::uint64_t>(id) % 2 == 1;
}

struct stream {
  enum class opening { unsent, sent, confirmed };

  stream(stream_id number, byte_count send_limit, byte_count receive_window)
      : id(number), sending(send_limit), receiving(receive_window) {}

  stream_id id;
  target where;
  send_half sending;
  receive_half receiving;
  carrier_number carrier{};
  carrier_number open_carrier{};
  carrier_number latest_carrier{};
  std::uint64_t carriers_used = 0;
  base::steady_time unread_since{};
  base::steady_time last_progress{};
  base::steady_time received_at{};
  drain_meter meter;
  byte_count credited_unread = 0;
  byte_count counted_unread = 0;
  byte_count counted_ahead = 0;
  std::size_t ack_slot = 0;
  std::uint64_t ack_round = 0;
  std::uint64_t window_round = 0;
  std::size_t room_wanted = 0;
  byte_count turn_left = 0;
  std::uint64_t turn_round = 0;
  std::size_t reserved = 0;
  boost::intrusive::list_member_hook<> place_in_line;
  opening open_state = opening::confirmed;
  errc stop_code{};
  bool queued = false;
  bool discarding = false;
  bool stop_due = false;
  bool stop_sent = false;
  bool awaits_room = false;
  bool waits_dry = false;
  bool end_reported = false;
  bool reset_reported = false;
};

}
