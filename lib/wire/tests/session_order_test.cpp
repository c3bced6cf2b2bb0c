#include <gtest/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

TEST(Session, RepeatedOpenOpensOnce) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  EXPECT_EQ(inject(pair, pair.gateway, open_frame{id, web, {}}), errc{});
  EXPECT_EQ(pair.gateway.opened.size(), 1U);
  EXPECT_EQ(pair.gateway.session.open_streams(), 1U);
}

TEST(Session, OverlappingDataIsTrimmedByOffset) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  pair.client.send_pattern(id, 100);
  pair.exchange();
  base::byte_vector again(150);
  for (std::size_t i = 0; i < again.size(); ++i) {
    again[i] = pattern_byte(role::client, id, 50 + i);
  }
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 50, again}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 200U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
}

TEST(Session, DataOutOfOrderIsDeliveredInOrder) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  base::byte_vector bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = pattern_byte(role::client, id, i);
  }
  const byte_view all = bytes;
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 200, all.subspan(200)}), errc{});
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 100, all.subspan(100, 100)}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 0U);
  EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 0, all.first(100)}), errc{});
  EXPECT_EQ(pair.gateway.streams[id].received, 300U);
  EXPECT_FALSE(pair.gateway.streams[id].corrupt);
}

TEST(Session, TooManyGapsCostTheStreamOnly) {
  machine_pair pair;
  pair.connect();
  const auto id = open_stream(pair);
  const auto other = open_stream(pair);
  for (byte_count i = 0; i <= gaps_most; ++i) {
    EXPECT_EQ(inject(pair, pair.gateway, data_frame{id, 10 + 2 * i, base::as_bytes("x")}), errc{});
  }
  EXPECT_EQ(pair.gateway.streams[id].reset, errc::gap_limit);
  EXPECT_FALSE(pair.gateway.session.ended());
  EXPECT_EQ(pair.client.send_pattern(other, 10), 10U);
}

}
}
