#include "httvps/backend/shared/redis_client.hpp"

#include "httvps/backend/shared/errc.hpp"
#include "redis_fixture.hpp"

namespace httvps::backend::shared {
namespace {

using test_servers::redis_listen;
using test_servers::redis_server;

constexpr auto longest_call = milliseconds(500);

TEST(RedisClient, CallsOverLoopbackAndOverASocket) {
  for (const auto where : {redis_listen::loopback, redis_listen::socket}) {
    const redis_server server(where);
    const one_client made(server.url());
    ASSERT_TRUE(made.is_there());
    EXPECT_EQ(made.redis->call({"SET", "pear", "green"}), redis_reply{"OK"});
    EXPECT_EQ(made.redis->call({"GET", "pear"}), redis_reply{"green"});
    EXPECT_EQ(made.redis->call({"GET", "plum"}), redis_reply{});
    EXPECT_EQ(made.redis->call({"MGET", "pear", "pear"}), (redis_reply{"green", "green"}));
    EXPECT_EQ(made.redis->call({"DEL", "pear"}), redis_reply{"1"});
  }
}

TEST(RedisClient, RefusedCommandKeepsTheConnection) {
  const redis_server server;
  const one_client made(server.url());
  ASSERT_TRUE(made.is_there());
  const auto answer = made.redis->call({"NO-SUCH-COMMAND"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), errc::refused);
  EXPECT_TRUE(made.redis->is_reachable());
}

TEST(RedisClient, WithoutThePasswordIsNeverThere) {
  const redis_server server;
  const one_client made(server.url_without_password());
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_FALSE(made.redis->is_reachable());
  EXPECT_EQ(made.redis->call({"PING"}).error(), errc::unreachable);
}

TEST(RedisClient, KilledRedisFailsAtOnceAndComesBack) {
  redis_server server;
  const one_client made(server.url());
  ASSERT_TRUE(made.is_there());
  server.kill();
  const auto started = steady::now();
  EXPECT_FALSE(made.redis->call({"PING"}));
  EXPECT_FALSE(made.redis->call({"PING"}));
  EXPECT_LT(steady::now() - started, longest_call);
  server.start();
  ASSERT_TRUE(made.is_there());
  EXPECT_TRUE(eventually([&] { return made.redis->call({"PING"}).has_value(); }));
}

TEST(RedisClient, FrozenRedisCostsOnePatienceAndComesBack) {
  redis_server server(redis_listen::loopback);
  const one_client made(server.url(), milliseconds(50));
  ASSERT_TRUE(made.is_there());
  server.freeze();
  const auto started = steady::now();
  EXPECT_EQ(made.redis->call({"PING"}).error(), errc::timed_out);
  for (int call = 0; call < 100; ++call) {
    EXPECT_EQ(made.redis->call({"PING"}).error(), errc::unreachable);
  }
  EXPECT_LT(steady::now() - started, longest_call);
  server.thaw();
  EXPECT_TRUE(eventually([&] { return made.redis->call({"PING"}).has_value(); }));
}

TEST(RedisClient, ManyThreadsShareFewConnections) {
  const redis_server server;
  const one_client made(server.url());
  ASSERT_TRUE(made.is_there());
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int call = 0; call < 50; ++call) {
        static_cast<void>(made.redis->call({"INCR", "calls"}));
      }
    });
  }
  callers.clear();
  EXPECT_TRUE(eventually([&] { return made.redis->is_reachable(); }));
  const auto text = made.metrics.expose();
  EXPECT_NE(text.find("httvps_backend_redis_links 2"), std::string::npos) << text;
  EXPECT_EQ(server.ask({"GET", "calls"}), "400");
}

}
}
