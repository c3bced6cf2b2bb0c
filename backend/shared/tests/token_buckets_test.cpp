#include "httvps/backend/shared/token_buckets.hpp"

#include "redis_fixture.hpp"

namespace httvps::backend::shared {
namespace {

using test_servers::redis_server;

constexpr bucket_order login{
    .policy = "login", .who = "203.0.113.7", .burst = 5, .per_second = 0.001};

key_names names_of(char fill) {
  return key_names(base::secret_bytes::from_text(std::string(32, fill)));
}

struct TokenBuckets : ::testing::Test {
  redis_server server;
  one_client left{server.url()};
  one_client right{server.url()};
  key_names names = names_of('k');
  redis_buckets at_left{*left.redis, names};
  redis_buckets at_right{*right.redis, names};
};

TEST_F(TokenBuckets, TwoClientsEmptyOneBucket) {
  ASSERT_TRUE(left.is_there() && right.is_there());
  int admitted = 0;
  for (int tried = 0; tried < 5; ++tried) {
    for (auto* each : {&at_left, &at_right}) {
      const auto level = each->take(login);
      ASSERT_TRUE(level);
      admitted += level->is_admitted ? 1 : 0;
    }
  }
  EXPECT_EQ(admitted, 5);
}

TEST_F(TokenBuckets, AreApartByPolicyAndByWho) {
  ASSERT_TRUE(left.is_there());
  auto narrow = login;
  narrow.burst = 1;
  EXPECT_TRUE(at_left.take(narrow)->is_admitted);
  EXPECT_FALSE(at_left.take(narrow)->is_admitted);
  auto other = narrow;
  other.who = "203.0.113.8";
  EXPECT_TRUE(at_left.take(other)->is_admitted);
  other = narrow;
  other.policy = "enrol";
  EXPECT_TRUE(at_left.take(other)->is_admitted);
}

TEST_F(TokenBuckets, FillAgainWithTime) {
  ASSERT_TRUE(left.is_there());
  const bucket_order quick{.policy = "q", .who = "a", .burst = 1, .per_second = 1};
  EXPECT_TRUE(at_left.take(quick)->is_admitted);
  const auto refused = at_left.take(quick);
  EXPECT_FALSE(refused->is_admitted);
  EXPECT_LT(refused->tokens, 1);
  std::this_thread::sleep_for(milliseconds(1050));
  EXPECT_TRUE(at_left.take(quick)->is_admitted);
}

TEST_F(TokenBuckets, TakeBackWhatIsGivenBackAndNoMore) {
  ASSERT_TRUE(left.is_there() && right.is_there());
  auto narrow = login;
  narrow.burst = 1;
  EXPECT_TRUE(at_left.give_back(narrow));
  EXPECT_TRUE(at_left.take(narrow)->is_admitted);
  EXPECT_TRUE(at_right.give_back(narrow));
  EXPECT_TRUE(at_right.give_back(narrow));
  EXPECT_TRUE(at_left.take(narrow)->is_admitted);
  EXPECT_FALSE(at_left.take(narrow)->is_admitted);
}

TEST_F(TokenBuckets, LeaveKeysThatNameNobodyAndEnd) {
  ASSERT_TRUE(left.is_there());
  const bucket_order quick{.policy = "q", .who = "ada", .burst = 2, .per_second = 10};
  ASSERT_TRUE(at_left.take(quick));
  const auto keys = server.keys();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys.front(), names.name("rate", {"q", "ada"}));
  EXPECT_EQ(keys.front().find("ada"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return server.keys().empty(); }));
}

TEST_F(TokenBuckets, OfAKilledRedisAreFullWhenItReturns) {
  ASSERT_TRUE(left.is_there());
  auto narrow = login;
  narrow.burst = 1;
  EXPECT_TRUE(at_left.take(narrow)->is_admitted);
  server.kill();
  EXPECT_FALSE(at_left.take(narrow));
  server.start();
  EXPECT_TRUE(eventually([&] {
    const auto level = at_left.take(narrow);
    return level && level->is_admitted;
  }));
  EXPECT_FALSE(at_left.take(narrow)->is_admitted);
}

}
}
