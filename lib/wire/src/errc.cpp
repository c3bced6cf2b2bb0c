#include "httvps/wire/errc.hpp"

#include <algorithm>

namespace httvps::wire {
namespace {

constexpr base::error_entry entries[] = {
    {1, "protocol_violation", "The peer broke a rule of the protocol."},
    {2, "frame_too_large", "A frame is longer than the protocol allows."},
    {3, "frame_truncated", "A carrier ended in the middle of a frame."},
    {4, "unknown_frame", "A frame has a kind that is reserved and not known."},
    {5, "frame_not_negotiated", "A frame belongs to a capability that was not agreed."},
    {6, "frame_malformed", "The body of a frame does not have the layout of its kind."},
    {7, "window_exceeded", "The peer sent more than it was granted."},
    {8, "offset_invalid", "An offset lies outside of what was sent."},
    {9, "stream_id_invalid", "A stream id has the wrong parity or was never opened."},
    {10, "gap_limit", "A stream has more than 64 gaps of missing bytes."},
    {11, "stream_limit", "The session has as many streams as it may have."},
    {12, "buffer_exhausted", "The memory for unacknowledged and unread bytes is used up."},
    {13, "version_unsupported", "The protocol version of the peer is not supported."},
    {14, "session_gone", "The session is not known here or belongs to another device."},
    {15, "session_limit", "The device has as many sessions as its plan allows."},
    {16, "carrier_number_reused", "The carrier number was used before in this session."},
    {17, "carrier_lost", "The connection under the session broke."},
    {18, "carrier_silent", "The peer has been silent for longer than the keep-alive allows."},
    {19, "gateway_lost", "The gateway that held the stream is gone."},
    {20, "gateway_draining", "The gateway is about to stop and takes no new streams."},
    {21, "resume_gap", "Bytes that were asked for again have already been freed."},
    {22, "slow_reader", "The application read nothing while its buffer was needed by others."},
    {23, "closed", "The stream was closed before."},
    {24, "stopped", "The receiver does not want the rest of the stream."},
    {25, "half_closed_idle", "A half-closed stream was silent for too long."},
    {26, "cancelled", "The application gave the stream up."},
    {27, "carrier_limit", "The session has as many carriers as it may have."},
    {32, "target_invalid", "The target of the stream is not a valid address."},
    {33, "target_forbidden", "The target of the stream is not allowed for this carrier."},
    {34, "target_unreachable_or_closed",
     "The node closed the stream before any byte: the target refused, does not resolve or is "
     "unreachable."},
    {35, "node_unreachable", "The node could not be reached."},
    {36, "node_protocol_error", "The node answered with bytes that are not Shadowsocks."},
    {37, "no_node_available", "No node is available for this device."},
    {48, "device_revoked", "The device was revoked."},
    {49, "subscription_expired", "The subscription has expired."},
    {50, "quota_exceeded", "The traffic quota of the subscription is used up."},
    {51, "device_limit", "The subscription has as many devices as its plan allows."},
    {52, "region_denied", "The plan does not include this region."},
    {53, "token_expired", "The access token has expired."},
    {54, "token_invalid", "The access token is not valid."},
    {55, "control_only", "This carrier may open the control stream only."},
    {56, "backend_unavailable", "The control plane cannot be reached."},
    {57, "usage_backlog_full", "The gateway holds too much unreported usage."},
    {58, "access_suspended", "An administrator has suspended the access."},
};

const base::error_table table("wire", entries);

}

const base::error_table& wire_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

std::uint64_t to_wire(errc code) noexcept {
  return static_cast<std::uint64_t>(code);
}

errc from_wire(std::uint64_t code) noexcept {
  const auto known = std::ranges::any_of(entries, [code](const auto& entry) {
    return static_cast<std::uint64_t>(entry.value) == code;
  });
  return known ? static_cast<errc>(code) : errc::protocol_violation;
}

}
