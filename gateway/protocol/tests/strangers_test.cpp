#include "httvps/gateway/protocol/strangers.hpp"

#include <gtest/gtest.h>

#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::gateway {
namespace {

using net::asio::awaitable;
using net::testing::connect_pair;
using outcome = strangers::outcome;

base::steady_time soon() {
  return net::deadline_after(std::chrono::seconds(5));
}

awaitable<bool> is_open(net::testing::tcp_pair* pair) {
  base::byte_array<4> space;
  const auto sent = co_await pair->far.write_all(base::as_bytes("x"), soon());
  co_return sent && (co_await pair->near.read_some(space, soon())).has_value();
}

awaitable<void> oldest_gives_way(net::executor) {
  auto first = co_await connect_pair();
  auto second = co_await connect_pair();
  auto third = co_await connect_pair();
  strangers held(2);
  EXPECT_EQ(held.add(1, first->near.ender()), outcome::had_room);
  EXPECT_EQ(held.add(2, second->near.ender()), outcome::had_room);
  EXPECT_EQ(held.add(3, third->near.ender()), outcome::dropped_oldest);
  EXPECT_EQ(held.size(), 2U);
  EXPECT_FALSE(co_await is_open(&*first));
  EXPECT_TRUE(co_await is_open(&*second));
  EXPECT_TRUE(co_await is_open(&*third));
}

TEST(Strangers, OldestGivesWayWhenTheirPlaceIsFull) {
  net::testing::run_loop loop;
  loop.run(oldest_gives_way(loop.get_executor()));
}

awaitable<void> forgotten_ones_make_room(net::executor) {
  auto first = co_await connect_pair();
  auto second = co_await connect_pair();
  strangers held(1);
  held.add(1, first->near.ender());
  held.forget(1);
  EXPECT_EQ(held.add(2, second->near.ender()), outcome::had_room);
  EXPECT_TRUE(co_await is_open(&*first));
}

TEST(Strangers, WhoHasShownWhoItIsLeavesItsPlaceToAnother) {
  net::testing::run_loop loop;
  loop.run(forgotten_ones_make_room(loop.get_executor()));
}

}
}
