#include <algorithm>
#include <optional>

#include "http2_fuzz_input.hpp"
#include "httvps/net/http2_opening.hpp"

namespace httvps::net {
namespace {

struct connection {
  http2_opening opening;
  http2_opening_stage stage = http2_opening_stage::reading;
  std::uint32_t stream = 0;
  std::size_t fields = 0;
  std::optional<http2_tunnel> tunnel;
  http2_trace trace;

  void open(base::byte_span& input) {
    while (!input.empty() && stage == http2_opening_stage::reading) {
      const auto before = input.size();
      const auto step = opening.next(input);
      require(step.passed.size() == before - input.size());
      stage = step.stage;
    }
    if (stage == http2_opening_stage::offered && !tunnel) {
      const auto offer = opening.take_offer();
      stream = offer.stream;
      fields = offer.fields.size();
      tunnel.emplace(http2_tunnel_options{.role = websocket_role::server,
                                          .stream = offer.stream,
                                          .peer = offer.peer,
                                          .message_limit = 4096});
    }
  }

  void take(base::byte_span input) {
    open(input);
    if (tunnel) {
      feed(*tunnel, input, trace);
    }
  }
};

void require_same(const connection& left, const connection& right) {
  require(left.stage == right.stage && left.stream == right.stream && left.fields == right.fields &&
          left.trace == right.trace);
}

void serve(connection& into, base::byte_view bytes, std::size_t piece) {
  base::byte_vector copy(bytes.begin(), bytes.end());
  base::byte_span input(copy);
  while (!input.empty()) {
    const auto count = std::min(piece, input.size());
    into.take(input.first(count));
    input = input.subspan(count);
  }
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  if (size < 2 || size > 8192) {
    return 0;
  }
  const base::byte_view bytes(data + 1, size - 1);
  net::connection whole;
  net::connection pieces;
  net::serve(whole, bytes, bytes.size());
  net::serve(pieces, bytes, 1U + data[0]);
  net::require_same(whole, pieces);
  return 0;
}
