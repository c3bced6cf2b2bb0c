#include "httvps/gateway/sessions/waiting_room.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

namespace httvps::gateway {
namespace {

using outcome = waiting_room::outcome;

struct WaitingRoom : ::testing::Test {
  net::asio::io_context context{1};
  std::vector<net::tcp_stream> carriers;
  waiting_room room{{.most = 3, .most_of_one_holder = 2}};

  outcome enter(const std::string& holder) {
    net::asio::ip::tcp::socket socket(context);
    socket.open(net::asio::ip::tcp::v4());
    carriers.emplace_back(std::move(socket));
    return room.enter(carriers.size() - 1, holder, carriers.back().ender());
  }

  std::vector<bool> open() const {
    std::vector<bool> all;
    for (const auto& each : carriers) {
      all.push_back(each.is_open());
    }
    return all;
  }
};

TEST_F(WaitingRoom, HoldsUpToItsLimit) {
  EXPECT_EQ(enter("a"), outcome::had_room);
  EXPECT_EQ(enter("a"), outcome::had_room);
  EXPECT_EQ(enter("b"), outcome::had_room);
  EXPECT_EQ(room.size(), 3U);
  EXPECT_EQ(open(), (std::vector<bool>{true, true, true}));
}

TEST_F(WaitingRoom, OldestOfAllMakesWayWhenItIsFull) {
  enter("a");
  enter("b");
  enter("c");
  EXPECT_EQ(enter("d"), outcome::dropped_oldest);
  EXPECT_EQ(room.size(), 3U);
  EXPECT_EQ(open(), (std::vector<bool>{false, true, true, true}));
}

TEST_F(WaitingRoom, HolderWithTooManyLosesItsOwnOldestAndNoOther) {
  enter("b");
  enter("a");
  enter("a");
  EXPECT_EQ(enter("a"), outcome::dropped_oldest);
  EXPECT_EQ(open(), (std::vector<bool>{true, false, true, true}));
  EXPECT_EQ(enter("a"), outcome::dropped_oldest);
  EXPECT_EQ(open(), (std::vector<bool>{true, false, false, true, true}));
}

TEST_F(WaitingRoom, OneThatLeftGivesItsPlaceBack) {
  enter("a");
  enter("a");
  room.leave(0);
  room.leave(0);
  EXPECT_EQ(enter("a"), outcome::had_room);
  EXPECT_EQ(enter("b"), outcome::had_room);
  EXPECT_EQ(open(), (std::vector<bool>{true, true, true, true}));
  room.leave(1);
  room.leave(2);
  room.leave(3);
  EXPECT_EQ(room.size(), 0U);
}

TEST_F(WaitingRoom, OneThatIsGoneIsDroppedWithoutHarm) {
  enter("a");
  enter("a");
  carriers.erase(carriers.begin());
  net::asio::ip::tcp::socket socket(context);
  socket.open(net::asio::ip::tcp::v4());
  const net::tcp_stream late(std::move(socket));
  EXPECT_EQ(room.enter(7, "a", late.ender()), outcome::dropped_oldest);
  EXPECT_TRUE(late.is_open());
}

}
}
