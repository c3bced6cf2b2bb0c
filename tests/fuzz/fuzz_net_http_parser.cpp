#include <cstdint>
#include <cstdlib>

#include "httvps/net/error.hpp"
#include "httvps/net/http_parser.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t small_head = 512;
constexpr std::size_t small_body = 1024;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

http_parser_options options_of(http_part part) {
  return {.wanted = part, .head_limit = small_head, .body_limit = small_body};
}

template <typename Parser>
base::result<> feed_in_two(Parser& parser, base::byte_view bytes, std::size_t cut) {
  HTTVPS_CHECK(parser.feed(bytes.first(cut)));
  return parser.feed(bytes.subspan(cut));
}

template <typename Parser>
void check(base::byte_view bytes, http_part part, std::size_t cut) {
  Parser whole(options_of(part));
  Parser split(options_of(part));
  const auto whole_fed = whole.feed(bytes);
  const auto split_fed = feed_in_two(split, bytes, cut);
  require(whole_fed || &whole_fed.error().category() == &net_errors());
  if (!whole_fed) {
    require(!split_fed || !split.is_done());
    return;
  }
  require(split_fed.has_value());
  require(whole.is_done() == split.is_done());
  if (!whole.is_done()) {
    return;
  }
  require(whole.consumed() == split.consumed());
  require(serialise(whole.message()) == serialise(split.message()));
  require(whole.message().body.size() <= small_body);
  require(whole.consumed() + whole.take_rest().size() == bytes.size());
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  if (size < 2) {
    return 0;
  }
  const base::byte_view bytes(data + 1, size - 1);
  const std::size_t cut = data[0] % (bytes.size() + 1);
  net::check<net::http_request_parser>(bytes, net::http_part::head, cut);
  net::check<net::http_request_parser>(bytes, net::http_part::message, cut);
  net::check<net::http_response_parser>(bytes, net::http_part::message, cut);
  return 0;
}
