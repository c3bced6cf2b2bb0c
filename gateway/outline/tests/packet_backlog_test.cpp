#include "../src/packet_backlog.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

using namespace std::chrono_literals;

constexpr base::steady_time start{std::chrono::hours(1)};

waiting_packet packet(std::size_t size, base::steady_time since = start) {
  return {.sealed = base::byte_vector(size), .payload = size, .since = since};
}

TEST(PacketBacklog, DropsTheOldestWhenFull) {
  packet_backlog backlog({.bytes = 1000, .age = 100ms});
  EXPECT_EQ(backlog.push(packet(400)), 0U);
  EXPECT_EQ(backlog.push(packet(500)), 0U);
  EXPECT_EQ(backlog.push(packet(600)), 2U);
  EXPECT_EQ(backlog.front().payload, 600U);
  EXPECT_EQ(backlog.bytes(), 600U);
}

TEST(PacketBacklog, DropsWhatIsTooOld) {
  packet_backlog backlog({.bytes = 1000, .age = 100ms});
  backlog.push(packet(1));
  backlog.push(packet(2, start + 50ms));
  EXPECT_EQ(backlog.expire(start + 99ms), 0U);
  EXPECT_EQ(backlog.expire(start + 100ms), 1U);
  EXPECT_EQ(backlog.front().payload, 2U);
  EXPECT_EQ(backlog.push(packet(3, start + 150ms)), 1U);
}

TEST(PacketBacklog, ClearCountsWhatWasThere) {
  packet_backlog backlog({.bytes = 1000, .age = 100ms});
  backlog.push(packet(1));
  backlog.push(packet(2));
  EXPECT_EQ(backlog.clear(), 2U);
  EXPECT_TRUE(backlog.empty());
  EXPECT_EQ(backlog.bytes(), 0U);
}

}
}
