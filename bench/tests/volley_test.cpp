#include "backend/volley.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <thread>
namespace httvps::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view good = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"is\":true}";
constexpr std::string_view refusal =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";

struct Volley : ::testing::Test {
  Volley() : listener(*listen_on(*parse_endpoint("127.0.0.1:0"))) {}

  void serve(std::string_view answer, milliseconds delay) {
    server = std::jthread([this, answer, delay] {
      const descriptor peer(accept_one());
      answer_all(peer.get(), answer, delay);
    });
  }
  int accept_one() const {
    for (int tried = 0; tried < 2000; ++tried) {
      const int peer = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (peer >= 0) {
        return peer;
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    return -1;
  }
  static void answer_all(int peer, std::string_view answer, milliseconds delay) {
    std::array<char, 4096> buffer{};
    while (::recv(peer, buffer.data(), buffer.size(), 0) > 0) {
      std::this_thread::sleep_for(delay);
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
  volley_order order() const {
    return {
        .target = *bound_address(listener),
        .request = [](std::size_t, std::size_t) { return std::string("GET / HTTP/1.1\r\n\r\n"); },
        .expected = "true",
        .connections = 1};
  }

  descriptor listener;
  std::jthread server;
};

TEST_F(Volley, AnswersCountFromTheMomentARequestWasDue) {
  serve(good, milliseconds(30));
  auto wanted = order();
  wanted.per_second = 100;
  wanted.length = milliseconds(100);
  const auto outcome = run_volley(wanted);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->milliseconds.size(), 10U);
  EXPECT_EQ(outcome->refused, 0U);
  EXPECT_GE(outcome->quantile(1), 200);
}

TEST_F(Volley, RefusalsAreCountedAndTheFirstIsShown) {
  serve(refusal, milliseconds(0));
  auto wanted = order();
  wanted.per_second = 50;
  wanted.length = milliseconds(100);
  const auto outcome = run_volley(wanted);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->refused, 5U);
  EXPECT_EQ(outcome->first_refusal, "503 busy");
  EXPECT_EQ(outcome->rate(), 0);
}

TEST_F(Volley, SecondStageFollowsTheFirstAndCountsAsOne) {
  serve(good, milliseconds(5));
  auto wanted = order();
  wanted.per_second = 20;
  wanted.length = milliseconds(100);
  wanted.stages = 2;
  const auto outcome = run_volley(wanted);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->milliseconds.size(), 2U);
  EXPECT_GE(outcome->quantile(0), 10);
}

}
}
