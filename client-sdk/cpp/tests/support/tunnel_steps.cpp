#include "tunnel_steps.hpp"

#include <gtest/gtest.h>

namespace httvps::sdk::testing {

void play(rig& with, tunnel_script script) {
  play(with, with.options(), script);
}

base::result<tunnel_stream> counted_stream(tunnel* through) {
  auto stream = through->open_stream(domain("count"));
  EXPECT_TRUE(stream);
  return stream;
}

net::asio::awaitable<void> wait_for(rig* with, tunnel_condition holds, tunnel* through) {
  const auto limit = soon();
  while (!holds(*with, through->status()) && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(std::chrono::milliseconds(5))));
  }
  EXPECT_TRUE(holds(*with, through->status()));
}

}
