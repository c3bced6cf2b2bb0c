#include "httvps/backend/shared/live_sessions.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "httvps/backend/shared/memory_sessions.hpp"
#include "httvps/backend/shared/redis_sessions.hpp"
#include "httvps/backend/shared/token_buckets.hpp"
#include "redis_fixture.hpp"

namespace httvps::backend::shared {
namespace {

using test_servers::redis_server;
using texts = std::vector<std::string>;

enum class kept_in { memory, redis };

std::string session_of(int number) {
  return "00000000000000" + std::to_string(10 + number);
}

struct scene {
  explicit scene(kept_in where) {
    if (where == kept_in::redis) {
      server = std::make_unique<redis_server>();
      client = std::make_unique<one_client>(server->url());
      far = std::make_unique<redis_sessions>(*client->redis, names, near);
      EXPECT_TRUE(client->is_there());
    }
  }
  live_sessions& sessions() { return far ? static_cast<live_sessions&>(*far) : near; }

  std::uint32_t open(const std::string& holder, int number, std::uint32_t limit = 2) {
    opened_at += milliseconds(1);
    return sessions()
        .admit({.who = {.device = "dev", .holder = holder, .session = session_of(number)},
                .opened_at = opened_at,
                .limit = limit})
        .value_or(99);
  }
  roll_reply tell(const std::string& holder, std::uint64_t seq, const std::vector<int>& ended = {},
                  const std::string& roll = "0a") {
    session_roll told{.holder = holder, .roll = roll, .seq = seq, .ended = {}};
    for (const int each : ended) {
      told.ended.push_back({.device = "dev", .holder = holder, .session = session_of(each)});
    }
    auto reply = sessions().note(told).value();
    std::ranges::sort(reply.to_end);
    return reply;
  }

  base::manual_clock clock;
  base::system_time opened_at = clock.system_now();
  memory_sessions near{clock};
  key_names names{base::secret_bytes::from_text(std::string(32, 'k'))};
  std::unique_ptr<redis_server> server;
  std::unique_ptr<one_client> client;
  std::unique_ptr<redis_sessions> far;
};

struct LiveSessions : ::testing::TestWithParam<kept_in>, scene {
  LiveSessions() : scene(GetParam()) {}
};

struct LiveSessionsInMemory : ::testing::Test, scene {
  LiveSessionsInMemory() : scene(kept_in::memory) {}
};

struct LiveSessionsInRedis : ::testing::Test, scene {
  LiveSessionsInRedis() : scene(kept_in::redis) {}
};

TEST_P(LiveSessions, OneMoreThanTheLimitEndsTheOldestElsewhere) {
  tell("left", 0);
  tell("right", 0);
  EXPECT_EQ(open("left", 1), 0U);
  EXPECT_EQ(open("left", 2), 0U);
  EXPECT_EQ(open("right", 3), 1U);
  EXPECT_EQ(tell("left", 1).to_end, texts{session_of(1)});
  EXPECT_TRUE(tell("right", 1).to_end.empty());
  EXPECT_EQ(open("right", 4), 0U);
  EXPECT_EQ(tell("left", 2, {1}).to_end, texts{session_of(2)});
  EXPECT_TRUE(tell("left", 3, {2}).to_end.empty());
}

TEST_P(LiveSessions, OldestOnesOfTheSameGatewayAreLeftToIt) {
  tell("left", 0);
  tell("right", 0);
  EXPECT_EQ(open("left", 1), 0U);
  EXPECT_EQ(open("right", 2), 1U);
  EXPECT_EQ(open("left", 3), 1U);
  EXPECT_TRUE(tell("left", 1).to_end.empty());
  EXPECT_TRUE(tell("right", 1).to_end.empty());
}

TEST_P(LiveSessions, SameSessionAgainCountsOnce) {
  tell("left", 0);
  tell("right", 0);
  EXPECT_EQ(open("left", 1, 1), 0U);
  EXPECT_EQ(open("left", 1, 1), 0U);
  EXPECT_EQ(open("right", 2), 1U);
}

TEST_P(LiveSessions, EndedOnesStopCounting) {
  tell("left", 0);
  tell("right", 0);
  open("left", 1);
  open("left", 2);
  tell("left", 1, {1, 2});
  EXPECT_EQ(open("right", 3), 0U);
}

TEST_P(LiveSessions, OnesOfAGatewayThatStartedAgainStopCounting) {
  tell("left", 0);
  tell("right", 0);
  open("left", 1);
  EXPECT_EQ(tell("left", 0, {}, "0b").standing, roll_standing::in_step);
  EXPECT_EQ(open("right", 2), 0U);
  EXPECT_EQ(open("left", 1), 1U);
  EXPECT_EQ(open("right", 3), 1U);
}

TEST_P(LiveSessions, ToldOnesAreFollowedStepByStep) {
  EXPECT_EQ(tell("left", 5).standing, roll_standing::out_of_step);
  EXPECT_EQ(tell("left", 0).standing, roll_standing::in_step);
  EXPECT_EQ(tell("left", 1).standing, roll_standing::in_step);
  EXPECT_EQ(tell("left", 1).standing, roll_standing::in_step);
  EXPECT_EQ(tell("left", 3).standing, roll_standing::out_of_step);
  EXPECT_EQ(tell("left", 2, {}, "0b").standing, roll_standing::out_of_step);
  EXPECT_EQ(tell("left", 2).standing, roll_standing::in_step);
}

TEST_P(LiveSessions, OrderToEndStandsUntilItIsDoneAndNothingBringsTheSessionBack) {
  tell("left", 0);
  tell("right", 0);
  open("left", 1, 1);
  open("right", 2, 1);
  EXPECT_EQ(tell("left", 1).to_end, texts{session_of(1)});
  EXPECT_EQ(tell("left", 1).to_end, texts{session_of(1)});
  EXPECT_EQ(open("left", 1, 0), 0U);
  EXPECT_EQ(open("right", 3, 9), 0U);
  EXPECT_TRUE(tell("left", 2, {1}).to_end.empty());
}

TEST_P(LiveSessions, GatewayThatTellsNothingIsNotCounted) {
  tell("right", 0);
  EXPECT_EQ(open("left", 1, 1), 0U);
  EXPECT_EQ(open("right", 2, 1), 0U);
}

INSTANTIATE_TEST_SUITE_P(Memory, LiveSessions, ::testing::Values(kept_in::memory));
INSTANTIATE_TEST_SUITE_P(Redis, LiveSessions, ::testing::Values(kept_in::redis));

TEST_F(LiveSessionsInMemory, SilentGatewayStopsCountingAndIsForgotten) {
  tell("left", 0);
  open("left", 1);
  clock.advance(silent_holder_patience - seconds(1));
  tell("right", 0);
  EXPECT_EQ(open("right", 2), 1U);
  clock.advance(seconds(2));
  EXPECT_EQ(open("right", 3), 0U);
  clock.advance(seconds(61));
  EXPECT_EQ(tell("other", 0).standing, roll_standing::in_step);
  EXPECT_EQ(near.devices(), 0U);
  EXPECT_EQ(tell("left", 1).standing, roll_standing::out_of_step);
}

TEST_F(LiveSessionsInMemory, FullMemoryCountsNoFurtherDevice) {
  memory_sessions small(clock, 1);
  ASSERT_TRUE(small.note({.holder = "left", .roll = "0a", .seq = 0, .ended = {}}));
  const auto arrive = [&](const std::string& device) {
    return small.admit({.who = {.device = device, .holder = "left", .session = session_of(1)},
                        .opened_at = clock.system_now(),
                        .limit = 1});
  };
  EXPECT_TRUE(arrive("one"));
  EXPECT_TRUE(arrive("one"));
  EXPECT_FALSE(arrive("two"));
}

TEST_F(LiveSessionsInRedis, KeysNameNobodyAndEnd) {
  tell("gw_left", 0);
  open("gw_left", 1, 1);
  tell("gw_right", 0);
  open("gw_right", 2, 1);
  const auto keys = server->keys();
  EXPECT_EQ(keys.size(), 4U);
  for (const auto& key : keys) {
    EXPECT_EQ(key.find("dev_"), std::string::npos);
    EXPECT_EQ(key.find("gw_"), std::string::npos);
    EXPECT_GT(std::stoll(server->ask({"PTTL", key})), 0) << key;
  }
}

TEST_F(LiveSessionsInRedis, SilentGatewayStopsCounting) {
  tell("left", 0);
  open("left", 1);
  tell("right", 0);
  for (const auto& key : server->keys()) {
    if (key.starts_with("httvps:holder:") && server->ask({"HGET", key, "seq"}) == "0") {
      EXPECT_LE(std::stoll(server->ask({"PTTL", key})),
                milliseconds(silent_holder_patience).count());
    }
  }
  const auto left = "httvps:holder:" + names.digest({"holder", "left"}).substr(0, 28);
  EXPECT_EQ(server->ask({"DEL", left}), "1");
  EXPECT_EQ(open("right", 2), 0U);
}

TEST_F(LiveSessionsInRedis, FewSessionsOfADeviceStayCompact) {
  tell("left", 0);
  open("left", 1);
  open("left", 2);
  EXPECT_EQ(server->ask({"OBJECT", "ENCODING", names.name("device", {"dev"})}), "listpack");
}

TEST_F(LiveSessionsInRedis, TwoBackendsCountTogether) {
  const one_client other(server->url());
  redis_sessions second(*other.redis, names, near);
  ASSERT_TRUE(other.is_there());
  tell("left", 0);
  tell("right", 0);
  open("left", 1, 1);
  EXPECT_EQ(second.admit({.who = {.device = "dev", .holder = "right", .session = session_of(2)},
                          .opened_at = opened_at + milliseconds(5),
                          .limit = 1}),
            0U);
  EXPECT_EQ(tell("left", 1).to_end, texts{session_of(1)});
}

TEST_F(LiveSessionsInRedis, MemoryTakesOverAndGivesBackByNewRolls) {
  tell("left", 0);
  tell("right", 0);
  open("left", 1);
  server->kill();
  EXPECT_EQ(tell("left", 1).standing, roll_standing::out_of_step);
  EXPECT_EQ(tell("left", 0, {}, "0b").standing, roll_standing::in_step);
  EXPECT_EQ(tell("right", 0, {}, "0b").standing, roll_standing::in_step);
  EXPECT_EQ(open("left", 1), 0U);
  EXPECT_EQ(open("right", 2), 1U);
  server->start();
  ASSERT_TRUE(client->is_there());
  EXPECT_EQ(tell("left", 1, {}, "0b").standing, roll_standing::out_of_step);
  EXPECT_EQ(tell("left", 0, {}, "0c").standing, roll_standing::in_step);
  EXPECT_EQ(tell("right", 0, {}, "0c").standing, roll_standing::in_step);
  EXPECT_EQ(open("left", 1), 0U);
  EXPECT_EQ(open("right", 3), 1U);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string rights_in_the_manual() {
  std::ifstream page(std::string(HTTVPS_SOURCE_DIR) + "/docs/modules/backend_shared.md");
  const std::string text(std::istreambuf_iterator<char>(page), {});
  const auto start = text.find("~httvps:*");
  return start == std::string::npos ? "" : text.substr(start, text.find("\n", start) - start);
}

TEST_F(LiveSessionsInRedis, UserWithTheRightsOfTheManualIsEnough) {
  std::vector<std::string> order{"ACL", "SETUSER", "least", "on", ">word"};
  for (const auto& each : words_of(rights_in_the_manual())) {
    order.push_back(each);
  }
  ASSERT_GT(order.size(), 10U);
  ASSERT_EQ(server->ask(order), "OK");
  const one_client as_least(server->url_as("least", "word"));
  ASSERT_TRUE(as_least.is_there());
  redis_buckets buckets(*as_least.redis, names);
  const bucket_order wanted{.policy = "p", .who = "w", .burst = 2, .per_second = 1};
  EXPECT_TRUE(buckets.take(wanted));
  EXPECT_TRUE(buckets.give_back(wanted));
  far = std::make_unique<redis_sessions>(*as_least.redis, names, near);
  tell("left", 0);
  tell("right", 0);
  open("left", 1, 1);
  open("right", 2, 1);
  EXPECT_EQ(tell("left", 1).to_end, texts{session_of(1)});
  EXPECT_TRUE(tell("left", 2, {1}).to_end.empty());
  EXPECT_EQ(near.devices(), 0U);
}

}
}
