#include <algorithm>

#include "http2_fuzz_input.hpp"

namespace httvps::net {
namespace {

http2_trace receive(base::byte_view bytes, std::size_t piece) {
  http2_tunnel tunnel({.role = websocket_role::client,
                       .stream = 1,
                       .longest_frame = http2_default_frame,
                       .message_limit = 4096});
  base::byte_vector copy(bytes.begin(), bytes.end());
  http2_trace into;
  feed_in_pieces(tunnel, copy, piece, into);
  return into;
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  if (size < 2 || size > 8192) {
    return 0;
  }
  const base::byte_view bytes(data + 1, size - 1);
  net::require(net::receive(bytes, 1U + data[0]) == net::receive(bytes, bytes.size()));
  return 0;
}
