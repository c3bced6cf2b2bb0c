#include "httvps/gateway/sessions/carrier_relay.hpp"

#include <gtest/gtest.h>

#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>

#include "carrier_pair.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/local_link.hpp"
#include "httvps/net/scope.hpp"
#include "run_loop.hpp"

namespace httvps::gateway {
namespace {

using net::asio::awaitable;
using net::testing::converse;
using net::testing::run_loop;
using net::testing::side;
using net::testing::soon;

constexpr base::byte_count held_on_the_way_most = 2 * base::mebibyte;

struct link_pair {
  std::unique_ptr<net::carrier_link> near;
  std::unique_ptr<net::carrier_link> far;
};

link_pair connected(const net::executor& here) {
  net::asio::local::stream_protocol::socket one(here);
  net::asio::local::stream_protocol::socket other(here);
  net::asio::local::connect_pair(one, other);
  return {.near = std::make_unique<net::local_link>(net::tcp_stream(std::move(one))),
          .far = std::make_unique<net::local_link>(net::tcp_stream(std::move(other)))};
}

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size + 1).fill(bytes);
  return bytes;
}

struct relayed {
  std::unique_ptr<net::carrier_link> device;
  std::unique_ptr<net::carrier_link> process;
};

relayed start(net::scope& tasks, base::byte_vector first = {},
              base::duration stall_most = relay_stall_most) {
  auto before = connected(tasks.get_executor());
  auto behind = connected(tasks.get_executor());
  relayed_pair between{.device = std::move(before.far),
                       .process = std::move(behind.near),
                       .first = std::move(first)};
  EXPECT_TRUE(tasks.spawn(relay_carrier(std::move(between), stall_most)));
  return {.device = std::move(before.near), .process = std::move(behind.far)};
}

net::task<net::link_state> last_state(net::carrier_link* link) {
  auto state = net::link_state::open;
  while (state == net::link_state::open) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_TRY(state, link->receive([](base::byte_view) {}));
  }
  co_return state;
}

awaitable<void> everything_passes() {
  const net::executor here = co_await net::asio::this_coro::executor;
  net::scope tasks(here);
  const auto first = random_bytes(300'000);
  const auto links = start(tasks, first);
  const auto up = random_bytes(2'000'000);
  const auto down = random_bytes(2'000'001);
  side device = {.link = links.device.get(), .out = up, .step = 60'000, .wanted = down.size()};
  side process = {
      .link = links.process.get(), .out = down, .step = 10'001, .wanted = first.size() + up.size()};
  EXPECT_TRUE(co_await converse(&device, &process));
  EXPECT_TRUE(device.got == down);
  auto whole = first;
  base::append(whole, up);
  EXPECT_TRUE(process.got == whole);
  links.device->stream().socket().close_now();
  EXPECT_TRUE(co_await tasks.join(soon()));
}

TEST(CarrierRelay, PassesTheFirstBytesAndThenEveryByteBothWays) {
  run_loop().run(everything_passes());
}

std::size_t send_some(net::carrier_link& link, base::byte_view& rest) {
  const auto before = rest.size();
  static_cast<void>(link.send([&rest](base::byte_span space) {
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    rest = rest.subspan(count);
    return count;
  }));
  return before - rest.size();
}

awaitable<void> sender_stops() {
  const net::executor here = co_await net::asio::this_coro::executor;
  net::scope tasks(here);
  const auto links = start(tasks);
  const auto down = random_bytes(6'000'000);
  base::byte_view rest = down;
  for (int quiet = 0; quiet < 20;) {
    quiet = send_some(*links.process, rest) > 0 ? 0 : quiet + 1;
    static_cast<void>(co_await net::sleep_until(net::deadline_after(std::chrono::milliseconds(5))));
  }
  EXPECT_LT(down.size() - rest.size(), held_on_the_way_most);
  side device = {.link = links.device.get(), .out = {}, .step = 1, .wanted = down.size()};
  side process = {.link = links.process.get(), .out = rest, .step = 60'000, .wanted = 0};
  EXPECT_TRUE(co_await converse(&device, &process));
  EXPECT_TRUE(device.got == down);
  links.device->stream().socket().close_now();
  EXPECT_TRUE(co_await tasks.join(soon()));
}

TEST(CarrierRelay, ReaderThatStallsStopsTheSender) {
  run_loop().run(sender_stops());
}

awaitable<void> stall_is_cut() {
  const net::executor here = co_await net::asio::this_coro::executor;
  net::scope tasks(here);
  const auto links = start(tasks, {}, std::chrono::milliseconds(50));
  const auto down = random_bytes(6'000'000);
  base::byte_view rest = down;
  const auto limit = soon();
  while (tasks.size() > 0 && base::real_clock().steady_now() < limit) {
    send_some(*links.process, rest);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(std::chrono::milliseconds(5))));
  }
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_GT(rest.size(), 0U);
  EXPECT_EQ((co_await last_state(links.device.get())).error(), net::errc::connection_reset);
}

TEST(CarrierRelay, ReaderThatStallsForTooLongIsCut) {
  run_loop().run(stall_is_cut());
}

enum class ending_side { device, process };

awaitable<void> cut_is_mirrored(ending_side which) {
  const net::executor here = co_await net::asio::this_coro::executor;
  net::scope tasks(here);
  const auto links = start(tasks);
  const bool by_device = which == ending_side::device;
  auto& cut = by_device ? links.device : links.process;
  auto& other = by_device ? links.process : links.device;
  cut->stream().socket().close_now();
  EXPECT_EQ((co_await last_state(other.get())).error(), net::errc::connection_reset);
  EXPECT_TRUE(co_await tasks.join(soon()));
}

awaitable<void> close_is_mirrored(ending_side which) {
  const net::executor here = co_await net::asio::this_coro::executor;
  net::scope tasks(here);
  const auto links = start(tasks);
  const bool by_device = which == ending_side::device;
  auto& closed = by_device ? links.device : links.process;
  auto& other = by_device ? links.process : links.device;
  EXPECT_TRUE(tasks.spawn(closed->close(1000, soon())));
  EXPECT_EQ(co_await last_state(other.get()), net::link_state::closed);
  other->stream().socket().close_now();
  EXPECT_TRUE(co_await tasks.join(soon()));
}

TEST(CarrierRelay, CutOfEitherSideIsACutOfTheOther) {
  run_loop().run(cut_is_mirrored(ending_side::device));
  run_loop().run(cut_is_mirrored(ending_side::process));
}

TEST(CarrierRelay, CloseOfEitherSideIsACloseOfTheOther) {
  run_loop().run(close_is_mirrored(ending_side::device));
  run_loop().run(close_is_mirrored(ending_side::process));
}

}
}
