#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "httvps/gateway/protocol/http2_site.hpp"

namespace httvps::gateway {
namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

base::byte_vector drain(http2_site& site) {
  base::byte_vector output;
  for (auto part = site.take_output(); !part.empty(); part = site.take_output()) {
    base::append(output, part);
  }
  return output;
}

void check_frames(base::byte_vector output) {
  net::http2_frame_reader reader(net::http2_largest_frame);
  base::byte_span input(output);
  bool ended = true;
  while (!input.empty()) {
    const auto piece = reader.next(input);
    require(piece && *piece);
    ended = (*piece)->ends;
  }
  require(ended);
}

void serve(base::byte_view bytes, std::size_t piece) {
  const base::manual_clock clock;
  http2_site site(clock);
  base::byte_vector copy(bytes.begin(), bytes.end());
  base::byte_span input(copy);
  base::byte_vector output;
  while (!input.empty()) {
    auto chunk = input.first(std::min(piece, input.size()));
    input = input.subspan(chunk.size());
    while (!chunk.empty()) {
      const auto before = chunk.size();
      site.feed(chunk);
      const auto said = drain(site);
      require(chunk.size() < before || !said.empty());
      base::append(output, said);
    }
  }
  require(site.requests() <= http2_site_requests);
  base::append(output, drain(site));
  check_frames(std::move(output));
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  if (size < 2 || size > 8192) {
    return 0;
  }
  const base::byte_view bytes(data + 1, size - 1);
  gateway::serve(bytes, bytes.size());
  gateway::serve(bytes, 1U + data[0]);
  return 0;
}
