#include "httvps/backend/shared/redis_address.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/shared/errc.hpp"

namespace httvps::backend::shared {
namespace {

TEST(RedisAddress, OfAHostNamesUserPasswordPortAndDatabase) {
  const auto made = redis_address::parse("redis://ada:se%40cret@cache.example:7000/3");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->over, redis_transport::tcp);
  EXPECT_EQ(made->host, "cache.example");
  EXPECT_EQ(made->port, 7000);
  EXPECT_EQ(made->user, "ada");
  EXPECT_EQ(made->password.reveal_text(), "se@cret");
  EXPECT_EQ(made->database, 3U);
}

TEST(RedisAddress, OfAHostHasUsualPortAndDatabase) {
  const auto made = redis_address::parse("redis://[::1]");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->host, "::1");
  EXPECT_EQ(made->port, 6379);
  EXPECT_EQ(made->database, 0U);
  EXPECT_TRUE(made->password.empty());
}

TEST(RedisAddress, OfASocketNamesItsPath) {
  const auto made = redis_address::parse("unix://ada:word@/run/redis/socket?db=2");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->over, redis_transport::unix_socket);
  EXPECT_EQ(made->path, "/run/redis/socket");
  EXPECT_EQ(made->user, "ada");
  EXPECT_EQ(made->database, 2U);
}

TEST(RedisAddress, WithTlsIsRefusedByASentenceThatSaysWhatToDo) {
  const auto made = redis_address::parse("rediss://cache.example");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), errc::tls_unsupported);
  EXPECT_NE(made.error().message().find("stunnel"), std::string::npos);
}

TEST(RedisAddress, RefusesWhatItCannotUse) {
  for (const std::string text :
       {"", "cache.example:6379", "http://cache.example", "redis://", "redis://cache.example:0",
        "redis://cache.example/x", "redis://cache.example/16384", "redis://cache.example?db=1",
        "redis://cache.example#x", "unix://", "unix:///", "unix://host/run/socket",
        "unix:///run/socket?db=x", "unix:///run/socket?user=a"}) {
    const auto made = redis_address::parse(text);
    EXPECT_TRUE(!made && made.error() == errc::address_invalid) << text;
  }
  EXPECT_FALSE(redis_address::parse("unix:///" + std::string(107, 'a')));
  EXPECT_TRUE(redis_address::parse("unix:///" + std::string(106, 'a')));
}

}
}
