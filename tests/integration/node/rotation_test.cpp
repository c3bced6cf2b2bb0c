#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "node/node_fixture.hpp"
#include "node/support/datagrams.hpp"

namespace httvps::testing {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr auto refusal_limit = std::chrono::seconds(2);

const offered_key first = make_offer("key_a.1", "secret of the first generation");
const offered_key second = make_offer("key_a.2", "secret of the \"second\" generation \\");
const offered_key third = {.id = "key_b.1",
                           .generation = 1,
                           .cipher = "aes-256-gcm",
                           .secret = "secret of another gateway"};

class steady_user {
 public:
  explicit steady_user(key_use chosen) : chosen_(std::move(chosen)), worker_([this] { run(); }) {}
  steady_user(const steady_user&) = delete;
  steady_user& operator=(const steady_user&) = delete;
  ~steady_user() { stop(); }

  void stop() {
    ending_ = true;
    if (worker_.joinable()) {
      worker_.join();
    }
  }
  std::size_t accepted() const { return accepted_; }
  std::size_t refused() const { return refused_; }
  std::size_t interrupted() const { return interrupted_; }

 private:
  void run() {
    while (!ending_) {
      const bool at_once = is_accepted(chosen_);
      interrupted_ += at_once ? 0 : 1;
      ++(at_once || is_accepted(chosen_) ? accepted_ : refused_);
      std::this_thread::sleep_for(milliseconds(2));
    }
  }

  key_use chosen_;
  std::atomic<bool> ending_{false};
  std::atomic<std::size_t> accepted_{0};
  std::atomic<std::size_t> refused_{0};
  std::atomic<std::size_t> interrupted_{0};
  std::thread worker_;
};

class NodeRotation : public NodeAgent {
 protected:
  milliseconds time_until_refused(const offered_key& key, clock::time_point since) {
    while (is_accepted(use_of(key)) && clock::now() - since < std::chrono::seconds(20)) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return std::chrono::duration_cast<milliseconds>(clock::now() - since);
  }
};

TEST_F(NodeRotation, AKeyIsServedCountedAndReported) {
  const auto revision = backend_.want({first, third});
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(revision)) << agent_output();
  EXPECT_EQ(pass(first, 300'000), 300'000U);
  EXPECT_EQ(pass(first, 1), 1U);
  EXPECT_EQ(pass(third, 5'000), 5'000U);
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 300'001)) << agent_output();
  EXPECT_TRUE(backend_.wait_until_counted(third.id, 5'000));
  EXPECT_GT(backend_.counted(first.id, "wire_up"), 300'001U);
  EXPECT_GT(backend_.counted(first.id, "wire_down"), 300'001U);
  EXPECT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.heartbeats.empty() && record.heartbeats.back().at("bytes_up") == 305'001 &&
           record.heartbeats.back().at("last_error") == "";
  }));
}

TEST_F(NodeRotation, DatagramsOfAKeyAreServedAndCountedToo) {
  backend_.want({first});
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  const public_datagram_echo origin;
  auto use = use_of(first);
  use.origin_port = origin.port();
  const auto body = pattern(1200);
  EXPECT_EQ(echo_datagram_through(use, body), body);
  EXPECT_EQ(pass(first, 800), 800U);
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 2000)) << agent_output();
  backend_.want({third});
  ASSERT_TRUE(backend_.wait_until_runs(2)) << agent_output();
  EXPECT_EQ(echo_datagram_through(use, body), base::byte_vector());
}

TEST_F(NodeRotation, GenerationsOverlapAndARemovedKeyIsRefusedAtOnce) {
  ASSERT_EQ(backend_.want({first}), 1U);
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  key_user long_lived(use_of(first));
  ASSERT_TRUE(long_lived.echo(pattern(1000)));
  steady_user old_user(use_of(first));
  ASSERT_EQ(backend_.want({first, second}), 2U);
  ASSERT_TRUE(backend_.wait_until_runs(2)) << agent_output();
  steady_user new_user(use_of(second));
  ASSERT_TRUE(wait_until([&] { return new_user.accepted() > 20; }));
  old_user.stop();
  EXPECT_EQ(old_user.refused(), 0U);
  EXPECT_LE(old_user.interrupted(), 1U);
  EXPECT_GT(old_user.accepted(), 20U);
  const auto removed_at = clock::now();
  ASSERT_EQ(backend_.want({second}), 3U);
  const auto took = time_until_refused(first, removed_at);
  std::printf("removal to first refused use: %ld ms\n", static_cast<long>(took.count()));
  RecordProperty("removal_to_first_refusal_ms", std::to_string(took.count()));
  EXPECT_LT(took, refusal_limit);
  ASSERT_TRUE(backend_.wait_until_runs(3)) << agent_output();
  for (int use = 0; use < 20; ++use) {
    EXPECT_FALSE(is_accepted(use_of(first)));
  }
  new_user.stop();
  EXPECT_EQ(new_user.refused(), 0U);
  EXPECT_LE(new_user.interrupted(), 1U);
  EXPECT_TRUE(long_lived.echo(pattern(1000)));
}

TEST_F(NodeRotation, TenRotationsInARowEndAtTheLastOne) {
  backend_.want({first});
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  std::uint64_t revision = 1;
  for (int round = 0; round < 10; ++round) {
    revision = backend_.want(
        {make_offer("key_r." + std::to_string(round), "secret of round " + std::to_string(round))});
    std::this_thread::sleep_for(milliseconds(30));
  }
  ASSERT_TRUE(backend_.wait_until_runs(revision)) << agent_output();
  EXPECT_TRUE(is_accepted(use_of(make_offer("", "secret of round 9"))));
  EXPECT_FALSE(is_accepted(use_of(make_offer("", "secret of round 8"))));
}

TEST_F(NodeRotation, EachRevisionIsAcknowledgedAlsoWhenAHeartbeatSeesItFirst) {
  set("NODE_HEARTBEAT_INTERVAL", "100");
  backend_.want({first});
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  for (int round = 0; round < 30; ++round) {
    const auto number = std::to_string(round);
    const auto revision =
        backend_.want({make_offer("key_r." + number, "secret of round " + number)});
    ASSERT_TRUE(backend_.wait_until_runs(revision)) << agent_output();
  }
}

TEST_F(NodeRotation, ANodeWithoutKeysAcceptsNobody) {
  backend_.want({first});
  start_agent();
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  backend_.want({});
  ASSERT_TRUE(backend_.wait_until_runs(2)) << agent_output();
  EXPECT_FALSE(is_accepted(use_of(first)));
  backend_.want({first});
  ASSERT_TRUE(backend_.wait_until_runs(3)) << agent_output();
  EXPECT_TRUE(is_accepted(use_of(first)));
}

}
}
