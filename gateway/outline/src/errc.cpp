#include "httvps/gateway/outline/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(outline_errc::node_unresolved), "node_unresolved",
     "The node's name has no address."},
    {static_cast<int>(outline_errc::node_unreachable), "node_unreachable",
     "There is no route to the node."},
    {static_cast<int>(outline_errc::node_refused), "node_refused",
     "The node's machine refused the connection."},
    {static_cast<int>(outline_errc::node_timed_out), "node_timed_out",
     "The node did not answer in time."},
    {static_cast<int>(outline_errc::node_protocol_error), "node_protocol_error",
     "The node sent bytes that its access key does not open."},
    {static_cast<int>(outline_errc::node_truncated), "node_truncated",
     "The node closed the connection in the middle of a chunk."},
    {static_cast<int>(outline_errc::node_connection_lost), "node_connection_lost",
     "The connection to the node broke."},
    {static_cast<int>(outline_errc::target_unreachable_or_closed), "target_unreachable_or_closed",
     "The node closed the stream before any byte: the target refused, is unreachable or closed."},
    {static_cast<int>(outline_errc::first_payload_too_long), "first_payload_too_long",
     "The first payload of a stream holds at most 65536 bytes."},
    {static_cast<int>(outline_errc::sending_ended), "sending_ended",
     "The sending side of the stream has ended."},
    {static_cast<int>(outline_errc::datagram_too_long), "datagram_too_long",
     "A datagram holds at most 16320 bytes."},
    {static_cast<int>(outline_errc::datagram_flows_exhausted), "datagram_flows_exhausted",
     "The gateway relays as many flows of datagrams as it may."},
};

const base::error_table table("outline", entries);

}

const base::error_table& outline_errors() noexcept {
  return table;
}

std::error_code make_error_code(outline_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
