#include "gate/link.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace httvps::chaos {
namespace {

using std::chrono::milliseconds;

const base::steady_time start{std::chrono::hours(1)};

link shaped(const link_shape& shape, std::uint64_t seed = 1) {
  link made(seed);
  made.reshape(shape);
  return made;
}

std::vector<base::steady_time> releases(std::uint64_t seed) {
  auto subject = shaped({.delay = milliseconds(10), .jitter = milliseconds(7)}, seed);
  std::vector<base::steady_time> moments;
  for (int turn = 0; turn < 100; ++turn) {
    moments.push_back(subject.admit(100, start));
  }
  return moments;
}

TEST(Link, AddsItsDelay) {
  auto subject = shaped({.delay = milliseconds(75)});
  EXPECT_EQ(subject.admit(1000, start), start + milliseconds(75));
}

TEST(Link, BytesLeaveOneAfterAnotherAtItsRate) {
  auto subject = shaped({.delay = milliseconds(20), .bits_per_second = 8'000'000});
  EXPECT_EQ(subject.admit(1000, start), start + milliseconds(21));
  EXPECT_EQ(subject.admit(1000, start), start + milliseconds(22));
  EXPECT_EQ(subject.admit(1000, start + milliseconds(50)), start + milliseconds(71));
}

TEST(Link, HasNoRoomOnceItsQueueIsFull) {
  auto subject = shaped({.bits_per_second = 8'000'000, .queue = milliseconds(50)});
  EXPECT_EQ(subject.room(start), 50'000U);
  subject.admit(50'000, start);
  EXPECT_EQ(subject.room(start), 0U);
  const auto again = subject.room_at();
  EXPECT_GT(again, start);
  EXPECT_EQ(subject.room(again - milliseconds(1)), 0U);
  EXPECT_GT(subject.room(again), 0U);
}

TEST(Link, SlowLinkStillFindsRoom) {
  auto subject = shaped({.bits_per_second = 1000, .queue = milliseconds(2)});
  EXPECT_GT(subject.quantum(), subject.room(start));
  subject.admit(100, start);
  EXPECT_EQ(subject.room(start), 0U);
  EXPECT_LE(subject.room_at(), start + std::chrono::seconds(1));
}

TEST(Link, HoldsNoMoreThanRateTimesDelayAndQueue) {
  const auto subject = shaped(
      {.delay = milliseconds(100), .bits_per_second = 80'000'000, .queue = milliseconds(50)});
  EXPECT_EQ(subject.most_held(1), 1'500'000U + subject.quantum());
}

TEST(Link, HoldsTheNumberOfBytesSetWhenItHasNoRate) {
  EXPECT_EQ(shaped({.delay = milliseconds(100)}).most_held(4321), 4321U);
  EXPECT_EQ(shaped({}).most_held(4321), 4321U);
  EXPECT_EQ(shaped({}).most_held(32 * base::mebibyte), base::mebibyte);
}

TEST(Link, SocketsBufferTenMillisecondsOfItsRate) {
  EXPECT_EQ(shaped({.bits_per_second = 40'000'000}).socket_buffer(), 50'000U);
  EXPECT_EQ(shaped({.bits_per_second = 1'000'000}).socket_buffer(), 16 * base::kibibyte);
  EXPECT_EQ(shaped({.bits_per_second = 1'000'000'000}).socket_buffer(), 208 * base::kibibyte);
  EXPECT_EQ(shaped({}).socket_buffer(), 208 * base::kibibyte);
}

TEST(Link, JitterStaysInItsRangeAndFollowsTheSeed) {
  const auto once = releases(7);
  EXPECT_EQ(once, releases(7));
  EXPECT_NE(once, releases(8));
  for (const auto moment : once) {
    EXPECT_GE(moment, start + milliseconds(10));
    EXPECT_LE(moment, start + milliseconds(17));
  }
}

}
}
