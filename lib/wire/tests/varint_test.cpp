#include "httvps/wire/varint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace httvps::wire {
namespace {

RC_GTEST_PROP(Varint, GivesEveryNumberBackInItsShortestForm, ()) {
  const auto value =
      *rc::gen::inRange<std::uint64_t>(0, varint_most) >> *rc::gen::inRange<unsigned>(0, 62);
  base::byte_array<varint_size_most> bytes{};
  const auto size = write_varint(bytes, value);
  RC_ASSERT(size == varint_size(value));
  const auto found = read_varint(base::byte_view(bytes).first(size));
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->value == value);
  RC_ASSERT(found->size == size);
}

TEST(Varint, NeedsEveryByte) {
  for (const std::uint64_t value : {0ULL, 64ULL, 16384ULL, 1ULL << 30U}) {
    base::byte_array<varint_size_most> bytes{};
    const auto size = write_varint(bytes, value);
    for (std::size_t kept = 0; kept < size; ++kept) {
      EXPECT_FALSE(read_varint(base::byte_view(bytes).first(kept))) << value << ' ' << kept;
    }
  }
}

}
}
