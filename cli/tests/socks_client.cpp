#include "socks_client.hpp"

namespace httvps::cli::testing {
namespace {

base::steady_time soon() {
  return net::deadline_after(std::chrono::seconds(10));
}

}

std::string request_for_domain(const std::string& name, std::uint16_t port) {
  std::string request = {5, 1, 0, 3, static_cast<char>(name.size())};
  request += name;
  request += static_cast<char>(port >> 8U);
  request += static_cast<char>(port & 0xffU);
  return request;
}

net::task<base::byte_vector> read_exactly(net::tcp_stream* stream, std::size_t count) {
  base::byte_vector bytes(count);
  std::size_t filled = 0;
  while (filled < count) {
    HTTVPS_CO_TRY(const std::size_t got,
                  co_await stream->read_some(base::byte_span(bytes).subspan(filled), soon()));
    filled += got;
  }
  co_return bytes;
}

net::task<base::byte_vector> read_until_end(net::tcp_stream* stream) {
  base::byte_vector all;
  base::byte_vector space(64 * 1024);
  while (true) {
    const auto got = co_await stream->read_some(space, soon());
    if (!got && got.error() == net::errc::connection_closed) {
      co_return all;
    }
    if (!got) {
      co_return base::fail(got.error());
    }
    base::append(all, base::byte_view(space).first(*got));
  }
}

net::task<socks_dialogue> open_through(net::endpoint proxy, std::string request) {
  HTTVPS_CO_TRY(net::tcp_stream stream, co_await net::connect(std::move(proxy), soon()));
  socks_dialogue dialogue{.stream = std::move(stream), .choice = {}, .reply = {}};
  const base::byte_array<3> greeting{5, 1, 0};
  HTTVPS_CO_CHECK(co_await dialogue.stream.write_all(greeting, soon()));
  HTTVPS_CO_TRY(dialogue.choice, co_await read_exactly(&dialogue.stream, 2));
  HTTVPS_CO_CHECK(co_await dialogue.stream.write_all(base::as_bytes(request), soon()));
  HTTVPS_CO_TRY(dialogue.reply, co_await read_exactly(&dialogue.stream, 10));
  co_return std::move(dialogue);
}

}
