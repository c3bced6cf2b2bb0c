#include "httvps/net/error.hpp"

#include <boost/asio/error.hpp>
#include <cerrno>

namespace httvps::net {
namespace {

constexpr base::error_entry entry(errc code, std::string_view label, std::string_view sentence) {
  return {static_cast<int>(code), label, sentence};
}

constexpr base::error_entry entries[] = {
    entry(errc::timed_out, "timed_out", "The deadline passed before the call was finished."),
    entry(errc::cancelled, "cancelled", "The call was cancelled by its owner."),
    entry(errc::would_block, "would_block", "Nothing can be read or written at this moment."),
    entry(errc::connection_closed, "connection_closed", "The peer closed the connection."),
    entry(errc::connection_reset, "connection_reset", "The connection was reset."),
    entry(errc::connect_refused, "connect_refused", "The peer refused the connection."),
    entry(errc::unreachable, "unreachable", "There is no route to the peer."),
    entry(errc::resolve_failed, "resolve_failed", "The name has no address."),
    entry(errc::address_in_use, "address_in_use", "The address is used by another socket."),
    entry(errc::address_invalid, "address_invalid",
          "The text is not of the form HOST:PORT or [IPv6]:PORT."),
    entry(errc::descriptors_exhausted, "descriptors_exhausted",
          "The process has no free file descriptor or socket buffer."),
    entry(errc::peer_of_another_user, "peer_of_another_user",
          "The process at the other end of a local socket belongs to another user."),
    entry(errc::socket_failure, "socket_failure", "A socket call failed."),
    entry(errc::pool_full, "pool_full", "The queue of waiting work is full."),
    entry(errc::pool_stopped, "pool_stopped", "The worker pool takes no more work."),
    entry(errc::scope_closed, "scope_closed", "The scope was cancelled and takes no more work."),
    entry(errc::already_waiting, "already_waiting", "Another coroutine waits for the same thing."),
    entry(errc::backlog_full, "backlog_full",
          "The peer does not read and the bytes kept for it reached their limit."),
    entry(errc::buffer_in_use, "buffer_in_use",
          "A shared buffer of this thread is in use by an outer call."),
    entry(errc::tls_setup_failed, "tls_setup_failed", "The TLS library refused a setting."),
    entry(errc::tls_handshake_failed, "tls_handshake_failed", "The TLS handshake failed."),
    entry(errc::tls_plain_http, "tls_plain_http", "The peer spoke plain HTTP to a TLS port."),
    entry(errc::tls_protocol_error, "tls_protocol_error",
          "The peer sent bytes that are not valid TLS records."),
    entry(errc::tls_truncated, "tls_truncated",
          "The connection ended without the closing TLS alert."),
    entry(errc::tls_exporter_unavailable, "tls_exporter_unavailable",
          "The connection is not TLS 1.3 and has no channel binding."),
    entry(errc::certificate_unreadable, "certificate_unreadable",
          "The certificate or its private key cannot be read."),
    entry(errc::certificate_invalid, "certificate_invalid",
          "The certificate of the peer is not trusted."),
    entry(errc::certificate_name_mismatch, "certificate_name_mismatch",
          "The certificate of the peer is for another name."),
    entry(errc::certificate_pin_mismatch, "certificate_pin_mismatch",
          "The public key of the peer is not one of the pinned keys."),
    entry(errc::websocket_mask_missing, "websocket_mask_missing",
          "A client sent a frame without a mask."),
    entry(errc::websocket_mask_forbidden, "websocket_mask_forbidden",
          "A server sent a frame with a mask."),
    entry(errc::websocket_reserved_bits, "websocket_reserved_bits",
          "A frame has a reserved bit set."),
    entry(errc::websocket_unknown_opcode, "websocket_unknown_opcode",
          "A frame has an unknown opcode."),
    entry(errc::websocket_text_refused, "websocket_text_refused",
          "A text message came where only binary messages are accepted."),
    entry(errc::websocket_control_too_long, "websocket_control_too_long",
          "A control frame is longer than 125 bytes."),
    entry(errc::websocket_control_fragmented, "websocket_control_fragmented",
          "A control frame is fragmented."),
    entry(errc::websocket_continuation_unexpected, "websocket_continuation_unexpected",
          "A continuation frame came outside of a message."),
    entry(errc::websocket_continuation_missing, "websocket_continuation_missing",
          "A new message began before the last one ended."),
    entry(errc::websocket_length_not_minimal, "websocket_length_not_minimal",
          "A frame length is not in its shortest form."),
    entry(errc::websocket_message_too_large, "websocket_message_too_large",
          "A message is larger than the limit."),
    entry(errc::websocket_close_malformed, "websocket_close_malformed",
          "A close frame has a code or a reason that is not allowed."),
    entry(errc::websocket_upgrade_refused, "websocket_upgrade_refused",
          "The server did not switch to WebSocket."),
    entry(errc::websocket_upgrade_malformed, "websocket_upgrade_malformed",
          "The request is not a valid WebSocket upgrade."),
    entry(errc::http_bad_message, "http_bad_message", "The bytes are not a valid HTTP message."),
    entry(errc::http_head_too_large, "http_head_too_large",
          "The head of the HTTP message is larger than the limit."),
    entry(errc::http_body_too_large, "http_body_too_large",
          "The body of the HTTP message is larger than the limit."),
    entry(errc::http_unexpected_end, "http_unexpected_end",
          "The connection ended inside of an HTTP message."),
    entry(errc::http2_frame_malformed, "http2_frame_malformed",
          "An HTTP/2 frame is malformed or not allowed where it came."),
    entry(errc::http2_frame_size, "http2_frame_size",
          "An HTTP/2 frame has a length that its type does not allow."),
    entry(errc::http2_flow_violated, "http2_flow_violated",
          "The peer broke the flow control of HTTP/2."),
    entry(errc::http2_flood, "http2_flood",
          "The peer sent too many HTTP/2 frames that carry nothing."),
    entry(errc::http2_headers_malformed, "http2_headers_malformed",
          "A header block of HTTP/2 cannot be decompressed."),
    entry(errc::http2_stream_reset, "http2_stream_reset",
          "The peer reset the HTTP/2 stream of the carrier."),
};

const base::error_table table("net", entries);

errc meaning_of(int number) noexcept {
  switch (number) {
    case EAGAIN:
      return errc::would_block;
    case ECANCELED:
      return errc::cancelled;
    case ETIMEDOUT:
      return errc::timed_out;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
      return errc::connection_reset;
    case ECONNREFUSED:
      return errc::connect_refused;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return errc::unreachable;
    case EADDRINUSE:
      return errc::address_in_use;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return errc::descriptors_exhausted;
    default:
      return errc::socket_failure;
  }
}

}

const base::error_table& net_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

base::error fold_errno(int number) noexcept {
  return meaning_of(number);
}

base::error fold_error(const boost::system::error_code& failure) noexcept {
  if (!failure) {
    return {};
  }
  if (failure == boost::asio::error::eof) {
    return errc::connection_closed;
  }
  if (failure.category() == boost::system::system_category()) {
    return fold_errno(failure.value());
  }
  const bool from_resolver = failure.category() == boost::asio::error::get_netdb_category() ||
                             failure.category() == boost::asio::error::get_addrinfo_category();
  return from_resolver ? errc::resolve_failed : errc::socket_failure;
}

}
