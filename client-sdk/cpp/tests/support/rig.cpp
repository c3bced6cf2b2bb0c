#include "rig.hpp"

#include <gtest/gtest.h>

namespace httvps::sdk::testing {

net::asio::awaitable<void> run_script(rig* with, tunnel* through, tunnel_script script) {
  through->start();
  co_await script(with, through);
  EXPECT_TRUE(co_await through->stop(soon()));
  EXPECT_TRUE(co_await with->gateway.stop());
}

void play(rig& with, tunnel_options options, tunnel_script script) {
  tunnel through(with.loop.get_executor(), std::move(options));
  with.loop.run(run_script(&with, &through, script));
}

std::string address_where_nobody_listens(rig& with) {
  auto listener = net::tcp_listener::open(with.loop.get_executor(),
                                          {.place = {.host = "127.0.0.1", .port = 0}});
  auto address = net::to_text(listener->local());
  listener->close();
  return address;
}

net::task<base::byte_vector> read_until_end(tunnel_stream* stream) {
  base::byte_vector all;
  base::byte_vector space(32 * 1024);
  while (true) {
    const auto got = co_await stream->read_some(space, soon());
    if (!got && got.error() == net::errc::connection_closed) {
      co_return all;
    }
    HTTVPS_CO_CHECK(got);
    base::append(all, base::byte_view(space).first(*got));
  }
}

net::task<> send_and_finish(tunnel_stream* stream, base::byte_vector bytes) {
  HTTVPS_CO_CHECK(co_await stream->write_all(bytes, soon()));
  stream->finish();
  co_return base::result<>();
}

net::task<bool> echoes(tunnel* through, base::byte_vector bytes) {
  HTTVPS_CO_TRY(tunnel_stream stream, through->open_stream(domain("echo")));
  net::scope background(co_await net::asio::this_coro::executor);
  HTTVPS_CO_CHECK(background.spawn(send_and_finish(&stream, bytes)));
  const auto back = co_await read_until_end(&stream);
  HTTVPS_CO_CHECK(co_await background.join(soon()));
  HTTVPS_CO_CHECK(back);
  co_return *back == bytes;
}

}
