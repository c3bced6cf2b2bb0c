#pragma once

#include <optional>
#include <span>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/limits.hpp"
#include "httvps/wire/types.hpp"
#include "stream.hpp"

namespace httvps::wire {

class acknowledger {
 public:
  void note_received(stream& from, byte_count bytes, base::steady_time now);
  void note_consumed(stream& from, byte_count bytes, base::steady_time now);
  void note_credited(base::steady_time now);
  void repeat(stream& from, base::steady_time now);
  void hurry(base::steady_time now) { set_due(now + urgent_acknowledge_delay); }
  void ripen(base::steady_time now) noexcept { forced_ = forced_ || (due_ && *due_ <= now); }

  bool pending() const noexcept { return due_.has_value(); }
  bool due(base::steady_time now, byte_count session_window) const noexcept;
  std::optional<base::steady_time> deadline() const noexcept {
    return forced_ ? std::nullopt : due_;
  }

  std::span<stream_offset> windows() noexcept { return windows_; }
  bool write(frame_writer& out, byte_count session_limit);

 private:
  void set_due(base::steady_time when);
  void put_ack(stream& from);
  void put_window(stream& from);
  bool write_acks(frame_writer& out);
  bool write_windows(frame_writer& out, byte_count session_limit);

  std::vector<stream_offset> acks_;
  std::vector<stream_offset> windows_;
  std::uint64_t ack_round_ = 1;
  std::uint64_t window_round_ = 1;
  byte_count received_ = 0;
  byte_count consumed_ = 0;
  std::optional<base::steady_time> due_;
  bool forced_ = false;
  bool credited_ = false;
};

}
