#pragma once

#include <boost/system/error_code.hpp>

#include "httvps/base/error.hpp"

namespace httvps::net {

enum class errc {
  timed_out = 1,
  cancelled,
  would_block,
  connection_closed,
  connection_reset,
  connect_refused,
  unreachable,
  resolve_failed,
  address_in_use,
  address_invalid,
  descriptors_exhausted,
  peer_of_another_user,
  socket_failure,
  pool_full,
  pool_stopped,
  scope_closed,
  already_waiting,
  backlog_full,
  buffer_in_use,
  tls_setup_failed,
  tls_handshake_failed,
  tls_plain_http,
  tls_protocol_error,
  tls_truncated,
  tls_exporter_unavailable,
  certificate_unreadable,
  certificate_invalid,
  certificate_name_mismatch,
  certificate_pin_mismatch,
  websocket_mask_missing,
  websocket_mask_forbidden,
  websocket_reserved_bits,
  websocket_unknown_opcode,
  websocket_text_refused,
  websocket_control_too_long,
  websocket_control_fragmented,
  websocket_continuation_unexpected,
  websocket_continuation_missing,
  websocket_length_not_minimal,
  websocket_message_too_large,
  websocket_close_malformed,
  websocket_upgrade_refused,
  websocket_upgrade_malformed,
  http_bad_message,
  http_head_too_large,
  http_body_too_large,
  http_unexpected_end,
  http2_frame_malformed,
  http2_frame_size,
  http2_flow_violated,
  http2_flood,
  http2_headers_malformed,
  http2_stream_reset,
};

const base::error_table& net_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

base::error fold_error(const boost::system::error_code& failure) noexcept;
base::error fold_errno(int number) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::net::errc> : std::true_type {};
