#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "httvps/net/error.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {
namespace {

struct trace {
  base::byte_vector payload;
  std::size_t messages = 0;
  std::size_t controls = 0;
  base::error failure;

  friend bool operator==(const trace&, const trace&) = default;
};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void note(trace& into, const websocket_event& event) {
  base::append(into.payload,
               event.kind == websocket_event_kind::payload ? event.payload : base::byte_view());
  into.messages += event.kind == websocket_event_kind::message_end ? 1 : 0;
  into.controls += event.kind == websocket_event_kind::ping ||
                           event.kind == websocket_event_kind::pong ||
                           event.kind == websocket_event_kind::close
                       ? 1
                       : 0;
}

trace decode(base::byte_view bytes, websocket_role role, std::size_t piece) {
  websocket_decoder decoder({.role = role, .message_limit = 4096});
  trace into;
  base::byte_vector copy(bytes.begin(), bytes.end());
  for (std::size_t start = 0; start < copy.size() && !into.failure; start += piece) {
    auto input = base::byte_span(copy).subspan(start, std::min(piece, copy.size() - start));
    while (true) {
      const auto event = decoder.next(input);
      if (!event) {
        into.failure = event.error();
        break;
      }
      if (event->kind == websocket_event_kind::need_more) {
        require(input.empty());
        break;
      }
      note(into, *event);
    }
  }
  return into;
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  if (size < 2) {
    return 0;
  }
  const auto role = (data[0] & 1U) != 0 ? net::websocket_role::client : net::websocket_role::server;
  const std::size_t piece = 1 + (data[0] >> 1U);
  const base::byte_view bytes(data + 1, size - 1);
  const auto whole = net::decode(bytes, role, bytes.size());
  net::require(net::decode(bytes, role, piece) == whole);
  net::require(!whole.failure || &whole.failure.category() == &net::net_errors());
  return 0;
}
