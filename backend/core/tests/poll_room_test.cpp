#include "poll_room.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "httvps/net/scope.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::chrono::seconds late{20};

net::asio::awaitable<void> wait_once(poll_room* room, api::held_poll held,
                                     std::optional<poll_end>* end) {
  *end = co_await room->wait(std::move(held));
}

struct PollRoom : ::testing::Test {
  net::asio::io_context context{1};
  base::metric_registry metrics;
  poll_room room{2, metrics};
  net::scope scope{context.get_executor()};

  void start(std::string who, std::string topic, std::optional<poll_end>& end,
             std::chrono::seconds patience = late) {
    ASSERT_TRUE(scope.spawn(wait_once(
        &room,
        {.who = std::move(who), .topic = std::move(topic), .revision = 7, .patience = patience},
        &end)));
    context.restart();
    context.poll();
  }

  void release(const std::string& topic, std::uint64_t revision) {
    room.release({{.topic = topic, .revision = revision}});
    context.poll();
  }

  void TearDown() override {
    room.close();
    context.poll();
  }

  std::optional<poll_end> first;
  std::optional<poll_end> second;
  std::optional<poll_end> third;
};

TEST_F(PollRoom, HasAsManyPlacesAsItWasMadeWith) {
  start("a", "gateways", first);
  start("b", "gateways", second);
  start("c", "gateways", third);
  EXPECT_FALSE(first);
  EXPECT_FALSE(second);
  EXPECT_EQ(third, poll_end::refused);
}

TEST_F(PollRoom, NewRevisionOfATopicReleasesThoseWhoWaitForIt) {
  start("a", "gateways", first);
  start("node", "node", second);
  release("gateways", 7);
  EXPECT_FALSE(first);
  release("gateways", 8);
  EXPECT_EQ(first, poll_end::released);
  EXPECT_FALSE(second);
  release("node", 6);
  EXPECT_EQ(second, poll_end::released);
  EXPECT_TRUE(room.is_empty());
}

TEST_F(PollRoom, SecondPollOfTheSameOneTakesThePlaceOfTheFirst) {
  start("a", "gateways", first);
  start("a", "gateways", second);
  EXPECT_EQ(first, poll_end::released);
  EXPECT_FALSE(second);
  start("b", "gateways", third);
  EXPECT_FALSE(third);
}

TEST_F(PollRoom, ClosingReleasesEveryoneAndLetsNobodyIn) {
  start("a", "gateways", first);
  room.close();
  context.poll();
  EXPECT_EQ(first, poll_end::released);
  start("b", "gateways", second);
  EXPECT_EQ(second, poll_end::refused);
}

TEST_F(PollRoom, PatienceEnds) {
  start("a", "gateways", first, std::chrono::seconds(1));
  context.run();
  EXPECT_EQ(first, poll_end::released);
  EXPECT_TRUE(room.is_empty());
}

}
}
