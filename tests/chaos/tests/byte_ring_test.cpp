#include "gate/byte_ring.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>

namespace httvps::chaos {
namespace {

void write(byte_ring& ring, const base::byte_vector& bytes) {
  std::size_t at = 0;
  for (const auto& part : ring.writable(bytes.size())) {
    std::copy_n(bytes.data() + at, part.iov_len, static_cast<std::uint8_t*>(part.iov_base));
    at += part.iov_len;
  }
  ring.commit(at);
}

base::byte_vector read(byte_ring& ring, std::size_t most) {
  base::byte_vector bytes;
  for (const auto& part : ring.readable(most)) {
    base::append(bytes, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
  }
  ring.consume(bytes.size());
  return bytes;
}

RC_GTEST_PROP(ByteRing, GivesBackWhatWasPutInWhateverTheSizes, (std::uint32_t seed)) {
  byte_ring ring;
  std::deque<std::uint8_t> model;
  std::uint8_t next = static_cast<std::uint8_t>(seed);
  for (int turn = 0; turn < 20; ++turn) {
    base::byte_vector more(*rc::gen::inRange<std::size_t>(0, 50'000));
    std::ranges::generate(more, [&next] { return next++; });
    write(ring, more);
    model.insert(model.end(), more.begin(), more.end());
    const auto taken = read(ring, *rc::gen::inRange<std::size_t>(0, 60'000));
    RC_ASSERT(std::equal(taken.begin(), taken.end(), model.begin()));
    model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(taken.size()));
    RC_ASSERT(ring.size() == model.size());
  }
}

TEST(ByteRing, TakesNoMoreMemoryThanTwiceWhatItHolds) {
  byte_ring ring;
  for (int turn = 0; turn < 1000; ++turn) {
    write(ring, base::byte_vector(60'000, 1));
    read(ring, 60'000);
  }
  EXPECT_EQ(ring.capacity(), 64 * base::kibibyte);
}

}
}
