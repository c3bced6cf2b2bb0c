#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/wire/frame.hpp"

namespace httvps::wire {

class frame_writer {
 public:
  explicit frame_writer(byte_span out) noexcept : out_(out) {}

  std::size_t written() const noexcept { return used_; }
  std::size_t room() const noexcept { return out_.size() - used_; }
  byte_view bytes() const noexcept { return out_.first(used_); }

  bool put(const hello_frame& frame, std::span<const receive_state> streams);
  bool put(const welcome_frame& frame, std::span<const receive_state> streams);
  bool put(const refuse_frame& frame);
  bool put(const challenge_frame& frame);
  bool put(const open_frame& frame);
  bool put(const data_frame& frame);
  bool put(const fin_frame& frame);
  bool put(const reset_frame& frame);
  bool put(const stop_frame& frame);
  bool put(const window_frame& frame, std::span<const stream_offset> streams);
  bool put_acks(std::span<const stream_offset> streams);
  bool put(const datagram_frame& frame);
  bool put(const ping_frame& frame);
  bool put(const pong_frame& frame);
  bool put(const pad_frame& frame);
  bool put(const policy_frame& frame);
  bool put(const carrier_frame& frame);
  bool put(const goaway_frame& frame, std::span<const std::string_view> gateways);
  bool put(const notice_frame& frame);

  byte_span reserve_open(stream_id stream, const target& where, std::size_t count);
  byte_span reserve_data(stream_id stream, byte_count offset, std::size_t count);

 private:
  bool begin(frame_kind kind, std::size_t body);
  void add(std::uint64_t value);
  void add_byte(std::uint8_t value);
  void add_bytes(byte_view bytes);
  void add_text(std::string_view text);
  void add_target(const target& where);
  void add_states(std::span<const receive_state> streams);
  void add_offsets(std::span<const stream_offset> streams);

  byte_span out_;
  std::size_t used_ = 0;
};

std::size_t open_overhead(stream_id stream, const target& where) noexcept;
std::size_t data_overhead(stream_id stream, byte_count offset, std::size_t payload) noexcept;

base::result<std::vector<std::string_view>> split_gateway_names(byte_view list);

}
