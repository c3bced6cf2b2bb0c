#include "redis_settings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "httvps/backend/core/settings.hpp"
#include "temporary_folder.hpp"

namespace httvps::backend::core {
namespace {

using variables = std::map<std::string, std::string>;

settings_outcome read(variables given) {
  given.insert(
      {{"BACKEND_DB_DSN", "sqlite:///data/b.db"}, {"BACKEND_SECRET_KEY_FILE", "/data/key"}});
  base::settings source(backend_properties());
  source.read_environment([&](const char* name) -> const char* {
    const auto found = given.find(name);
    return found == given.end() ? nullptr : found->second.c_str();
  });
  return read_settings(source);
}

std::string file_with(const std::string& text, mode_t mode) {
  static const temporary_folder home;
  auto path = home.file("redis-url");
  std::filesystem::remove(path);
  std::ofstream(path) << text << "\n";
  chmod(path.c_str(), mode);
  return path;
}

TEST(RedisSettings, AreLeftOutForOneBackend) {
  const auto outcome = read({});
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_FALSE(outcome.chosen.redis);
}

TEST(RedisSettings, TakeTheAddressFromEitherPlaceButNotBoth) {
  const auto file = file_with("unix://ada:word@/run/redis/socket", 0600);
  EXPECT_EQ(read({{"BACKEND_REDIS_URL", "redis://cache.example"}}).chosen.redis->host,
            "cache.example");
  const auto from_file = read({{"BACKEND_REDIS_URL_FILE", file}});
  ASSERT_TRUE(from_file.problems.empty());
  EXPECT_EQ(from_file.chosen.redis->user, "ada");
  EXPECT_EQ(from_file.chosen.redis->password.reveal_text(), "word");
  const auto both =
      read({{"BACKEND_REDIS_URL", "redis://cache.example"}, {"BACKEND_REDIS_URL_FILE", file}});
  ASSERT_EQ(both.problems.size(), 1U);
  EXPECT_EQ(both.problems.front().name, "backend.redis_url");
  std::filesystem::remove(file);
}

TEST(RedisSettings, RefuseAFileThatOthersMayRead) {
  const auto file = file_with("unix://ada:word@/run/redis/socket", 0644);
  const auto outcome = read({{"BACKEND_REDIS_URL_FILE", file}});
  ASSERT_EQ(outcome.problems.size(), 1U);
  EXPECT_EQ(outcome.problems.front().name, "backend.redis_url_file");
  std::filesystem::remove(file);
}

TEST(RedisSettings, SayWhatToDoInsteadOfTlsAndNeverShowTheAddress) {
  const auto outcome = read({{"BACKEND_REDIS_URL", "rediss://ada:planted@cache.example"}});
  ASSERT_EQ(outcome.problems.size(), 1U);
  EXPECT_NE(outcome.problems.front().sentence.find("stunnel"), std::string::npos);
  EXPECT_EQ(outcome.problems.front().sentence.find("planted"), std::string::npos);
}

std::string logged_for(const std::string& address) {
  const auto file = file_with("", 0600);
  {
    const auto sink = base::log_sink::open_file(file, {});
    const base::logger log(sink->get(), "backend");
    warn_of_redis(read({{"BACKEND_REDIS_URL", address}}).chosen, log);
  }
  std::ifstream lines(file);
  std::string text{std::istreambuf_iterator<char>(lines), {}};
  std::filesystem::remove(file);
  return text;
}

TEST(RedisSettings, WarnOnceOfAPasswordThatCrossesTheNetworkInClear) {
  for (const auto* address :
       {"redis://ada:hidden-word@cache.example:6379", "redis://:hidden-word@10.0.0.9",
        "redis://:hidden-word@[2001:db8::9]:6379"}) {
    const auto text = logged_for(address);
    const auto first = text.find("redis_password_in_clear");
    EXPECT_NE(first, std::string::npos) << address;
    EXPECT_EQ(text.find("redis_password_in_clear", first + 1), std::string::npos);
    EXPECT_NE(text.find("tunnel"), std::string::npos);
    EXPECT_EQ(text.find("hidden-word"), std::string::npos);
  }
}

TEST(RedisSettings, SayNothingWhereThePasswordStaysOnTheHost) {
  for (const auto* address : {"redis://:hidden-word@127.0.0.1", "redis://:hidden-word@[::1]:6379",
                              "redis://:hidden-word@localhost", "redis://cache.example",
                              "unix://ada:hidden-word@/run/redis/socket"}) {
    EXPECT_EQ(logged_for(address).find("redis_password_in_clear"), std::string::npos) << address;
  }
}

}
}
