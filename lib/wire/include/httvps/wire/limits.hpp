#pragma once

#include <chrono>
#include <cstddef>

#include "httvps/base/bytes.hpp"

namespace httvps::wire {

inline constexpr std::uint64_t protocol_version = 1;
inline constexpr std::uint64_t all_capabilities = 0x7;
inline constexpr std::size_t data_payload_most = 16320;
inline constexpr std::size_t frame_body_most = 16384;
inline constexpr std::size_t frame_head_most = 16;
inline constexpr std::size_t pad_most = 4096;
inline constexpr std::size_t sentence_most = 512;
inline constexpr std::size_t domain_most = 255;
inline constexpr std::size_t reserved_name_most = 32;
inline constexpr std::size_t policy_most = 8192;
inline constexpr std::size_t gateway_names_most = 16;
inline constexpr std::size_t gateway_name_most = 64;
inline constexpr std::size_t gaps_most = 64;
inline constexpr std::size_t seen_intervals_most = 64;
inline constexpr std::size_t entries_most = 1024;
inline constexpr std::size_t control_queue_most = 256;
inline constexpr std::size_t gone_answers_most = 4096;
inline constexpr std::size_t refused_streams_most = 1024;
inline constexpr std::size_t room_wanted_most = 65536;
inline constexpr std::size_t carriers_most = 6;
inline constexpr std::size_t retiring_carriers_most = 3;
inline constexpr std::size_t lost_carriers_most = 16;
inline constexpr std::size_t reopened_streams_most = 32;
inline constexpr std::size_t acknowledgements_most = 64;

inline constexpr base::byte_count initial_stream_window = 256 * base::kibibyte;
inline constexpr base::byte_count initial_session_window = base::mebibyte;
inline constexpr base::byte_count largest_stream_window = 16 * base::mebibyte;
inline constexpr base::byte_count largest_session_window = 32 * base::mebibyte;
inline constexpr base::byte_count replay_cap = 16 * base::mebibyte;
inline constexpr base::byte_count ahead_slack = base::mebibyte;
inline constexpr base::byte_count replay_floor = 256 * base::kibibyte;

inline constexpr auto acknowledge_delay = std::chrono::milliseconds(250);
inline constexpr auto urgent_acknowledge_delay = std::chrono::milliseconds(25);
inline constexpr auto round_trip_probe_interval = std::chrono::milliseconds(250);
inline constexpr auto round_trip_floor = std::chrono::milliseconds(5);
inline constexpr auto room_retry_delay = std::chrono::milliseconds(20);
inline constexpr auto suspicion_least = std::chrono::milliseconds(300);
inline constexpr auto suspicion_while_heard = std::chrono::seconds(2);
inline constexpr auto silence_before_probe = std::chrono::seconds(1);
inline constexpr std::uint8_t silent_probes_most = 5;
inline constexpr base::byte_count repeated_unasked_most = 64 * base::kibibyte;
inline constexpr auto loss_report_patience = std::chrono::milliseconds(50);

struct session_limits {
  base::byte_count session_window = initial_session_window;
  base::byte_count largest_stream_window = wire::largest_stream_window;
  base::byte_count largest_session_window = wire::largest_session_window;
  base::byte_count replay = replay_cap;
  std::size_t streams = 4096;
  std::size_t carriers = 3;
  base::byte_count unread = 32 * base::mebibyte;
  std::chrono::milliseconds detached_for = std::chrono::seconds(60);
  std::chrono::milliseconds stalled_after = std::chrono::seconds(1);
  std::chrono::milliseconds half_closed_idle = std::chrono::minutes(10);
  std::chrono::milliseconds carrier_silence = std::chrono::seconds(90);
  std::chrono::milliseconds keepalive_least = std::chrono::seconds(25);
  std::chrono::milliseconds keepalive_most = std::chrono::seconds(45);
};

}
