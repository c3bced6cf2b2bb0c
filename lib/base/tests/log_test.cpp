#include "httvps/base/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <csignal>
#include <sstream>
#include <string>
#include <utility>

namespace httvps::base {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() { EXPECT_EQ(::pipe(pipe_.data()), 0); }
  ~LogTest() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }

  std::string read_back() const {
    std::array<char, 4096> buffer{};
    const auto count = ::read(pipe_[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count)};
  }

  std::string read_all() const {
    std::string all;
    std::array<char, 4096> buffer{};
    while (true) {
      const auto count = ::read(pipe_[0], buffer.data(), buffer.size());
      if (count <= 0) {
        return all;
      }
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  std::array<int, 2> pipe_{};
};

TEST_F(LogTest, WritesOneJsonObjectALineWithItsFields) {
  log_sink sink({.descriptor = pipe_[1]});
  const logger log(&sink, "session");
  log.info("opened", {{"device_id", "dev_1"}, {"streams", 3U}, {"ok", true}, {"text", "a\"b\n"}});
  sink.flush();
  const auto line = boost::json::parse(read_back()).as_object();
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_EQ(line.at("module").as_string(), "session");
  EXPECT_EQ(line.at("event").as_string(), "opened");
  EXPECT_EQ(line.at("device_id").as_string(), "dev_1");
  EXPECT_EQ(line.at("streams").as_int64(), 3);
  EXPECT_EQ(line.at("ok").as_bool(), true);
  EXPECT_EQ(line.at("text").as_string(), "a\"b\n");
}

TEST_F(LogTest, LeavesOutLinesBelowTheThreshold) {
  log_sink sink({.descriptor = pipe_[1], .threshold = log_level::warn});
  const logger log(&sink, "session");
  log.info("hidden");
  log.warn("shown");
  sink.flush();
  const auto text = read_back();
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("shown"), std::string::npos);
}

TEST(Log, CountsLinesThatTheDiskRefuses) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    log_sink sink({.descriptor = full});
    const logger log(&sink, "session");
    log.info("lost");
    log.info("lost");
    sink.flush();
    EXPECT_EQ(sink.dropped_lines(), 2U);
  }
  ::close(full);
}

TEST_F(LogTest, LineThatTheDiskCutShortDoesNotSpoilTheNextOne) {
  ASSERT_EQ(::fcntl(pipe_[0], F_SETFL, O_NONBLOCK), 0);
  ASSERT_EQ(::fcntl(pipe_[1], F_SETFL, O_NONBLOCK), 0);
  log_sink sink({.descriptor = pipe_[1], .queue_limit = 4});
  const logger log(&sink, "session");
  const std::string filler(100'000, 'x');
  log.info("cut_short", {{"text", filler}});
  sink.flush();
  ASSERT_EQ(sink.dropped_lines(), 1U);
  EXPECT_EQ(read_all().find('\n'), std::string::npos);
  log.info("whole");
  sink.flush();
  const auto after = read_all();
  EXPECT_EQ(after.front(), '\n');
  EXPECT_EQ(boost::json::parse(after).as_object().at("event").as_string(), "whole");
  EXPECT_EQ(sink.dropped_lines(), 1U);
}

TEST_F(LogTest, OfManyLinesWrittenAtOnceThoseThatTheDiskRefusesAreCounted) {
  ASSERT_EQ(::fcntl(pipe_[0], F_SETFL, O_NONBLOCK), 0);
  ASSERT_EQ(::fcntl(pipe_[1], F_SETFL, O_NONBLOCK), 0);
  constexpr std::uint64_t lines = 200;
  log_sink sink({.descriptor = pipe_[1]});
  const logger log(&sink, "session");
  const std::string filler(1000, 'x');
  for (std::uint64_t line = 0; line < lines; ++line) {
    log.info("many", {{"text", filler}});
  }
  sink.flush();
  std::istringstream written(read_all());
  std::uint64_t whole = 0;
  for (std::string line; std::getline(written, line);) {
    whole += line.ends_with('}') ? 1 : 0;
  }
  EXPECT_GT(whole, 0U);
  EXPECT_LT(whole, lines);
  EXPECT_EQ(whole + sink.dropped_lines(), lines);
}

TEST_F(LogTest, DropsAndCountsLinesAboveTheQueueLimit) {
  std::signal(SIGPIPE, SIG_IGN);
  log_sink sink({.descriptor = pipe_[1], .queue_limit = 4});
  const logger log(&sink, "session");
  const std::string filler(4096, 'x');
  for (int line = 0; line < 2000 && sink.dropped_lines() == 0; ++line) {
    log.info("flood", {{"text", filler}});
  }
  EXPECT_GT(sink.dropped_lines(), 0U);
  ::close(std::exchange(pipe_[0], -1));
}

TEST(Log, ParsesItsLevelNames) {
  EXPECT_EQ(parse_log_level("warn"), log_level::warn);
  EXPECT_FALSE(parse_log_level("loud"));
}

}
}
