#include "../src/directory.hpp"

#include <gtest/gtest.h>

#include "run_loop.hpp"

namespace httvps::gateway {
namespace {

using net::asio::awaitable;

constexpr wire::session_id id_of(std::uint8_t letter) {
  return {letter};
}

struct scene {
  scene()
      : directory(loop.get_executor(),
                  {.end_session = [this](std::uint64_t number) { ended.push_back(number); },
                   .hand_over = [this](std::uint64_t number,
                                       const newcomer&) { moved.push_back(number); }},
                  roll) {}

  awaitable<base::result<std::uint64_t>> claim(std::uint8_t letter, std::uint64_t number,
                                               wire::creation may = wire::creation::permitted) {
    session_claim wanted{
        .device_id = "dev", .id = id_of(letter), .number = number, .may_create = may};
    co_return co_await directory.claim(std::move(wanted));
  }

  awaitable<base::result<>> settle(std::uint64_t number, std::size_t limit) {
    session_claim mine{.device_id = "dev", .number = number};
    co_return co_await directory.settle(std::move(mine), limit);
  }

  net::testing::run_loop loop;
  std::vector<std::uint64_t> ended;
  std::vector<std::uint64_t> moved;
  base::seeded_random random{5};
  session_roll roll{random};
  process_directory directory;
};

using numbers = std::vector<std::uint64_t>;

awaitable<void> second_carrier(scene* at) {
  EXPECT_EQ(co_await at->claim(1, 10), 10U);
  EXPECT_EQ(co_await at->claim(1, 11), 10U);
  EXPECT_EQ(co_await at->claim(1, 12, wire::creation::forbidden), 10U);
  EXPECT_EQ(co_await at->claim(2, 13), 13U);
}

TEST(Directory, OneSessionIsCreatedHoweverOftenItsHelloComes) {
  scene now;
  now.loop.run(second_carrier(&now));
}

awaitable<void> unknown_session(scene* at) {
  const auto refused = co_await at->claim(1, 10, wire::creation::forbidden);
  EXPECT_TRUE(!refused && refused.error() == wire::errc::session_gone);
  EXPECT_EQ(co_await at->claim(1, 11), 11U);
  at->directory.release("dev", 11);
  EXPECT_TRUE(co_await net::sleep_until(base::real_clock().steady_now()));
  const auto gone = co_await at->claim(1, 12, wire::creation::forbidden);
  EXPECT_TRUE(!gone && gone.error() == wire::errc::session_gone);
}

TEST(Directory, UnknownSessionIsGoneWhenItMayNotBeCreated) {
  scene now;
  now.loop.run(unknown_session(&now));
}

awaitable<void> limit_of_two(scene* at) {
  for (std::uint8_t each = 1; each <= 3; ++each) {
    EXPECT_EQ(co_await at->claim(each, each), each);
    EXPECT_TRUE(co_await at->settle(each, 2));
  }
  EXPECT_EQ(at->ended, numbers{1});
  at->directory.note("dev", 3, attachment_state::detached);
  EXPECT_EQ(co_await at->claim(4, 4), 4U);
  EXPECT_TRUE(co_await at->settle(4, 2));
  EXPECT_EQ(at->ended, (numbers{1, 3}));
}

TEST(Directory, NewSessionEndsAnOldOneDetachedOnesFirst) {
  scene now;
  now.loop.run(limit_of_two(&now));
}

awaitable<void> race(scene* at) {
  EXPECT_EQ(co_await at->claim(1, 1), 1U);
  EXPECT_EQ(co_await at->claim(2, 2), 2U);
  EXPECT_TRUE(co_await at->settle(1, 1));
  EXPECT_EQ(at->ended, numbers{2});
  const auto late = co_await at->settle(2, 1);
  EXPECT_TRUE(!late && late.error() == wire::errc::session_limit);
}

TEST(Directory, SessionThatGaveWayWhileItWasJudgedIsRefused) {
  scene now;
  now.loop.run(race(&now));
}

}
}
