#include <utility>

#include "httvps/gateway/protocol/front_door.hpp"
#include "httvps/gateway/protocol/http2_site.hpp"

namespace httvps::gateway {
namespace {

constexpr auto write_limit = std::chrono::seconds(30);
constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::size_t read_size = 16 * 1024;

net::task<> send_output(net::tls_stream* stream, http2_site* site, base::steady_time deadline) {
  for (auto output = site->take_output(); !output.empty(); output = site->take_output()) {
    HTTVPS_CO_CHECK(co_await stream->write_all(output, deadline));
  }
  co_return base::result<>();
}

}

net::task<> front_door::serve_http2(net::tls_stream stream, std::uint64_t) {
  http2_site site(parts_.clock);
  base::byte_vector space(read_size);
  base::byte_span input;
  auto deadline = parts_.clock.steady_now() + parts_.head_limit;
  while (!site.is_over()) {
    HTTVPS_CO_CHECK(co_await send_output(&stream, &site, parts_.clock.steady_now() + write_limit));
    if (input.empty()) {
      const auto count = co_await stream.read_some(space, deadline);
      if (!count && count.error() != net::errc::timed_out) {
        co_return base::fail(count.error());
      }
      input = base::byte_span(space).first(count.value_or(0));
      if (!count) {
        site.say_goodbye();
      }
    }
    const auto before = site.requests();
    site.feed(input);
    if (site.requests() != before) {
      parts_.probe.site_requests.add(site.requests() - before);
      deadline = parts_.clock.steady_now() + parts_.head_limit;
    }
  }
  HTTVPS_CO_CHECK(co_await send_output(&stream, &site, parts_.clock.steady_now() + write_limit));
  co_return co_await stream.close(parts_.clock.steady_now() + close_limit);
}

}
