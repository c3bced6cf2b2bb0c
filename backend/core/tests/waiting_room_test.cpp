#include "waiting_room.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "httvps/net/scope.hpp"

namespace httvps::backend::core {
namespace {

constexpr auto soon = std::chrono::milliseconds(50);
constexpr auto late = std::chrono::seconds(20);

net::asio::awaitable<void> wait_once(waiting_room::seat* taken, std::optional<bool>* woken,
                                     base::duration patience) {
  const auto outcome = co_await taken->wait(net::deadline_after(patience));
  *woken = outcome.has_value();
}

struct WaitingRoom : ::testing::Test {
  net::asio::io_context context{1};
  waiting_room room{context.get_executor(), 2};
  net::scope scope{context.get_executor()};

  void start(waiting_room::seat& taken, std::optional<bool>& woken, base::duration patience) {
    ASSERT_TRUE(scope.spawn(wait_once(&taken, &woken, patience)));
    context.poll();
  }
};

TEST_F(WaitingRoom, HasAsManySeatsAsItWasMadeWith) {
  auto first = room.enter();
  const auto second = room.enter();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_FALSE(room.enter());
  first.reset();
  EXPECT_EQ(room.waiting(), 1U);
  EXPECT_TRUE(room.enter());
}

TEST_F(WaitingRoom, NewRevisionWakesEveryoneAndTheSameOneNobody) {
  room.note_revision(7);
  const auto first = room.enter();
  const auto second = room.enter();
  std::optional<bool> one;
  std::optional<bool> two;
  start(*first, one, late);
  start(*second, two, late);
  room.note_revision(7);
  context.poll();
  EXPECT_FALSE(one.has_value());
  room.note_revision(8);
  context.poll();
  EXPECT_EQ(one, true);
  EXPECT_EQ(two, true);
}

TEST_F(WaitingRoom, ChangeBetweenLookingAndWaitingIsNotMissed) {
  room.note_revision(7);
  const auto taken = room.enter();
  room.note_revision(8);
  std::optional<bool> woken;
  start(*taken, woken, late);
  EXPECT_EQ(woken, true);
}

TEST_F(WaitingRoom, FirstRevisionAfterARestIsNews) {
  room.note_revision(7);
  room.note_revision(std::nullopt);
  const auto taken = room.enter();
  std::optional<bool> woken;
  start(*taken, woken, late);
  room.note_revision(7);
  context.poll();
  EXPECT_EQ(woken, true);
}

TEST_F(WaitingRoom, ClosingWakesEveryoneAndLetsNobodyIn) {
  const auto taken = room.enter();
  std::optional<bool> woken;
  start(*taken, woken, late);
  room.close();
  context.poll();
  EXPECT_EQ(woken, true);
  EXPECT_FALSE(room.enter());
}

TEST_F(WaitingRoom, PatienceEnds) {
  const auto taken = room.enter();
  std::optional<bool> woken;
  start(*taken, woken, soon);
  context.run();
  EXPECT_EQ(woken, false);
}

}
}
