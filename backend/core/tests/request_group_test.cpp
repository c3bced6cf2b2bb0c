#include "request_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

namespace httvps::backend::core {
namespace {

using answer = base::result<net::http_response>;

net::asio::awaitable<void> ask(request_group* group, std::string target,
                               std::optional<answer>* into, std::chrono::milliseconds wait) {
  auto request = std::make_shared<const net::http_request>(
      net::http_request{.method = "POST", .target = std::move(target)});
  const auto until = net::deadline_after(wait);
  *into = co_await group->respond(std::move(request), until);
}

struct RequestGroup : ::testing::Test {
  RequestGroup() {
    group.work_with([this](request_list requests) { return work(this, std::move(requests)); });
  }

  static net::asio::awaitable<base::result<response_list>> work(RequestGroup* self,
                                                                request_list requests) {
    self->sizes.push_back(requests.size());
    static_cast<void>(co_await self->gate.wait(net::deadline_after(std::chrono::seconds(20))));
    if (self->fails) {
      co_return base::fail(net::errc::pool_full);
    }
    response_list answers;
    for (const auto& each : requests) {
      answers.push_back({.status = 200, .body = each->target});
    }
    co_return answers;
  }

  void ask_for(std::string target, std::optional<answer>& into,
               std::chrono::milliseconds wait = std::chrono::seconds(20)) {
    ASSERT_TRUE(scope.spawn(ask(&group, std::move(target), &into, wait)));
    context.restart();
    context.poll();
  }
  void open_gate() {
    gate.notify();
    context.restart();
    context.poll();
  }

  net::asio::io_context context{1};
  net::event gate{context.get_executor()};
  request_group group{context.get_executor(),
                      {.most_waiting = 3, .most_running = 1, .most_together = 2}};
  net::scope scope{context.get_executor()};
  std::vector<std::size_t> sizes;
  bool fails = false;
  std::optional<answer> first;
  std::optional<answer> second;
  std::optional<answer> third;
  std::optional<answer> fourth;
  std::optional<answer> fifth;
};

TEST_F(RequestGroup, ThoseWhoCameWhileOneWasServedAreServedTogether) {
  ask_for("/a", first);
  ask_for("/b", second);
  ask_for("/c", third);
  EXPECT_EQ(sizes, std::vector<std::size_t>({1}));
  open_gate();
  EXPECT_EQ(sizes, std::vector<std::size_t>({1, 2}));
}

TEST_F(RequestGroup, EachGetsTheAnswerToItsOwnRequest) {
  gate.notify();
  ask_for("/a", first);
  gate.notify();
  ask_for("/b", second);
  ASSERT_TRUE(first && *first);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*first)->body, "/a");
  EXPECT_EQ((*second)->body, "/b");
}

TEST_F(RequestGroup, WhoWaitsNoLongerIsNotServed) {
  ask_for("/a", first);
  ask_for("/b", second, std::chrono::milliseconds(1));
  context.restart();
  context.run_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
  open_gate();
  EXPECT_TRUE(first && *first);
  EXPECT_EQ(sizes, std::vector<std::size_t>({1}));
}

TEST_F(RequestGroup, MoreThanItsRoomIsRefusedAtOnce) {
  ask_for("/a", first);
  ask_for("/b", second);
  ask_for("/c", third);
  ask_for("/d", fourth);
  EXPECT_FALSE(fourth);
  ask_for("/e", fifth);
  ASSERT_TRUE(fifth);
  EXPECT_EQ(fifth->error(), net::errc::pool_full);
}

TEST_F(RequestGroup, FailureOfTheWorkIsTheAnswerToAll) {
  fails = true;
  gate.notify();
  ask_for("/a", first);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->error(), net::errc::pool_full);
}

}
}
