#include "../src/ahead_bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "../src/receive_half.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

std::uint8_t byte_at(byte_count offset) {
  return static_cast<std::uint8_t>((offset * 0x9e3779b97f4a7c15U) >> 40U);
}

base::byte_vector bytes_at(byte_count offset, std::size_t count) {
  base::byte_vector bytes(count);
  for (auto& each : bytes) {
    each = byte_at(offset++);
  }
  return bytes;
}

struct model {
  std::map<byte_count, bool> held;

  std::size_t gaps() const {
    std::size_t count = 0;
    byte_count expected = 0;
    for (const auto& [offset, present] : held) {
      count += offset == expected && count > 0 ? 0 : 1;
      expected = offset + 1;
    }
    return count;
  }
};

std::size_t take_all(receive_half& half, byte_count from) {
  std::size_t taken = 0;
  while (!half.peek().empty()) {
    const auto ready = half.peek();
    for (const auto byte : ready) {
      RC_ASSERT(byte == byte_at(from + taken));
      ++taken;
    }
    half.consume(ready.size());
  }
  return taken;
}

RC_GTEST_PROP(AheadBytes, HoldWhatAModelHoldsAndGiveItBackInOrder, ()) {
  base::slab_pool pool(64 * base::mebibyte);
  receive_half half(base::mebibyte);
  model known;
  byte_count end = 0;
  const auto pieces = *rc::gen::inRange(1, 60);
  for (int i = 0; i < pieces; ++i) {
    const auto offset = *rc::gen::inRange<byte_count>(1, 9000);
    const auto count = *rc::gen::inRange<std::size_t>(1, 3000);
    const auto bytes = bytes_at(offset, count);
    RC_ASSERT(half.keep_ahead(offset, bytes, pool).has_value());
    for (std::size_t k = 0; k < count; ++k) {
      known.held[offset + k] = true;
    }
    end = std::max(end, offset + count);
    RC_ASSERT(half.held_ahead() == pool.used());
    RC_ASSERT(half.held_ahead() <=
              2 * known.held.size() + known.gaps() * 2 * base::large_slab_size);
  }
  for (byte_count at = 0; at < end;) {
    if (known.held.contains(at)) {
      half.absorb_ahead();
    } else {
      RC_ASSERT((half.keep(at, bytes_at(at, 1), pool)));
      half.absorb_ahead();
    }
    const auto taken = take_all(half, at);
    RC_ASSERT(taken > 0U);
    at += taken;
  }
  RC_ASSERT(half.received() == end);
  RC_ASSERT(pool.used() == 0U);
}

TEST(AheadBytes, WholeWindowMayComeAheadOfOneByte) {
  base::slab_pool pool(64 * base::mebibyte);
  ahead_bytes ahead;
  constexpr byte_count total = 16 * base::mebibyte;
  for (byte_count at = 1; at < total; at += data_payload_most) {
    const auto count =
        static_cast<std::size_t>(std::min<byte_count>(data_payload_most, total - at));
    ASSERT_TRUE(ahead.put(at, bytes_at(at, count), pool));
  }
  EXPECT_EQ(ahead.gaps(), 1U);
  EXPECT_LE(ahead.capacity(), total + base::large_slab_size);
}

TEST(AheadBytes, AdjacentTinyPiecesShareSlabsInEitherOrder) {
  base::slab_pool pool(64 * base::mebibyte);
  ahead_bytes rising;
  ahead_bytes falling;
  constexpr byte_count count = 20'000;
  for (byte_count i = 0; i < count; ++i) {
    ASSERT_TRUE(rising.put(1 + i, bytes_at(1 + i, 1), pool));
    ASSERT_TRUE(falling.put(count - i, bytes_at(count - i, 1), pool));
  }
  EXPECT_EQ(rising.gaps() + falling.gaps(), 2U);
  EXPECT_LE(rising.capacity(), count + base::small_slab_size);
  EXPECT_LE(falling.capacity(), 2 * count);
}

TEST(AheadBytes, PieceThatClosesAGapNeedsNoPlaceOfItsOwn) {
  base::slab_pool pool(64 * base::mebibyte);
  ahead_bytes ahead;
  for (byte_count i = 0; i < gaps_most; ++i) {
    ASSERT_TRUE(ahead.put(10 + 10 * i, bytes_at(10 + 10 * i, 5), pool));
  }
  EXPECT_EQ(ahead.put(5000, bytes_at(5000, 1), pool).error(), errc::gap_limit);
  EXPECT_TRUE(ahead.put(25, bytes_at(25, 5), pool));
  EXPECT_EQ(ahead.gaps(), gaps_most - 1);
  EXPECT_TRUE(ahead.put(1, bytes_at(1, 9), pool));
  EXPECT_EQ(ahead.gaps(), gaps_most - 1);
}

TEST(AheadBytes, FullPoolIsNamed) {
  base::slab_pool pool(base::small_slab_size);
  ahead_bytes ahead;
  EXPECT_TRUE(ahead.put(1, bytes_at(1, 100), pool));
  EXPECT_EQ(ahead.put(5000, bytes_at(5000, 10), pool).error(), errc::buffer_exhausted);
  ahead.clear();
  EXPECT_EQ(pool.used(), 0U);
}

}
}
