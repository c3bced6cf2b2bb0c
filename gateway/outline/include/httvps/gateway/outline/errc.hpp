#pragma once

#include "httvps/base/error.hpp"

namespace httvps::gateway {

enum class outline_errc {
  node_unresolved = 1,
  node_unreachable,
  node_refused,
  node_timed_out,
  node_protocol_error,
  node_truncated,
  node_connection_lost,
  target_unreachable_or_closed,
  first_payload_too_long,
  sending_ended,
  datagram_too_long,
  datagram_flows_exhausted,
};

const base::error_table& outline_errors() noexcept;
std::error_code make_error_code(outline_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::gateway::outline_errc> : std::true_type {};
