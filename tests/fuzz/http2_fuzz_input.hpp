#pragma once

#include <cstdint>
#include <cstdlib>

#include "httvps/net/error.hpp"
#include "httvps/net/http2_tunnel.hpp"

namespace httvps::net {

struct http2_trace {
  base::byte_vector payload;
  base::error failure;
  bool closed = false;

  friend bool operator==(const http2_trace&, const http2_trace&) = default;
};

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

inline void feed(http2_tunnel& tunnel, base::byte_span input, http2_trace& into) {
  if (into.failure || into.closed) {
    return;
  }
  const auto state =
      tunnel.receive(input, [&](base::byte_view piece) { base::append(into.payload, piece); });
  into.failure = state ? base::error() : state.error();
  into.closed = state == link_state::closed;
  require(!into.failure || into.failure.category() == net_errors());
  require(tunnel.room() <= 0xffff);
}

inline void feed_in_pieces(http2_tunnel& tunnel, base::byte_span input, std::size_t piece,
                           http2_trace& into) {
  while (!input.empty()) {
    const auto count = std::min(piece, input.size());
    feed(tunnel, input.first(count), into);
    input = input.subspan(count);
  }
}

}
