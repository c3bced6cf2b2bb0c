#pragma once

#include <cstdint>

#include "httvps/base/error.hpp"

namespace httvps::wire {

enum class errc {
  protocol_violation = 1,
  frame_too_large = 2,
  frame_truncated = 3,
  unknown_frame = 4,
  frame_not_negotiated = 5,
  frame_malformed = 6,
  window_exceeded = 7,
  offset_invalid = 8,
  stream_id_invalid = 9,
  gap_limit = 10,
  stream_limit = 11,
  buffer_exhausted = 12,
  version_unsupported = 13,
  session_gone = 14,
  session_limit = 15,
  carrier_number_reused = 16,
  carrier_lost = 17,
  carrier_silent = 18,
  gateway_lost = 19,
  gateway_draining = 20,
  resume_gap = 21,
  slow_reader = 22,
  closed = 23,
  stopped = 24,
  half_closed_idle = 25,
  cancelled = 26,
  carrier_limit = 27,
  target_invalid = 32,
  target_forbidden = 33,
  target_unreachable_or_closed = 34,
  node_unreachable = 35,
  node_protocol_error = 36,
  no_node_available = 37,
  device_revoked = 48,
  subscription_expired = 49,
  quota_exceeded = 50,
  device_limit = 51,
  region_denied = 52,
  token_expired = 53,
  token_invalid = 54,
  control_only = 55,
  backend_unavailable = 56,
  usage_backlog_full = 57,
  access_suspended = 58,
};

const base::error_table& wire_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

std::uint64_t to_wire(errc code) noexcept;
errc from_wire(std::uint64_t code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::wire::errc> : std::true_type {};
