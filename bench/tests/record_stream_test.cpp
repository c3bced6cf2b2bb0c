#include "bound/record_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

using maker = std::function<base::result<std::unique_ptr<record_stream>>(aead_use)>;

struct named_maker {
  const char* name;
  maker make;
};

void PrintTo(const named_maker& kind, std::ostream* out) {
  *out << kind.name;
}

class RecordStream : public testing::TestWithParam<named_maker> {
 protected:
  std::unique_ptr<record_stream> stream(aead_use use) { return *GetParam().make(use); }
};

base::byte_vector seal_two(record_stream& sealing) {
  base::byte_vector wire(2 * record_room);
  const base::byte_vector first(record_payload, 3);
  const base::byte_vector second(record_payload, 5);
  const auto size = *sealing.seal(first, wire);
  wire.resize(size + *sealing.seal(second, base::byte_span(wire).subspan(size)));
  return wire;
}

TEST_P(RecordStream, OpensWhatItSealed) {
  auto wire = seal_two(*stream(aead_use::seal));
  auto opening = stream(aead_use::open);
  const auto first = opening->open(wire);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->payload.size(), record_payload);
  EXPECT_EQ(std::ranges::count(first->payload, 3), static_cast<long>(record_payload));
  const auto second = opening->open(base::byte_span(wire).subspan(first->consumed));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(std::ranges::count(second->payload, 5), static_cast<long>(record_payload));
  EXPECT_EQ(first->consumed + second->consumed, wire.size());
}

TEST_P(RecordStream, WaitsForAWholeRecord) {
  auto wire = seal_two(*stream(aead_use::seal));
  auto opening = stream(aead_use::open);
  const auto whole = wire.size() / 2;
  for (std::size_t size = 0; size < whole; size += 31) {
    const auto none = opening->open(base::byte_span(wire).first(size));
    ASSERT_TRUE(none.has_value());
    EXPECT_EQ(none->consumed, 0U);
  }
  const auto record = opening->open(base::byte_span(wire).first(whole));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->consumed, whole);
}

TEST_P(RecordStream, RefusesAChangedByte) {
  auto wire = seal_two(*stream(aead_use::seal));
  wire[record_payload / 2] ^= 1;
  const auto outcome = stream(aead_use::open)->open(wire);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::forged_record);
}

TEST_P(RecordStream, RefusesARepeatedRecord) {
  auto wire = seal_two(*stream(aead_use::seal));
  auto again = wire;
  auto opening = stream(aead_use::open);
  ASSERT_TRUE(opening->open(wire).has_value());
  const auto outcome = opening->open(again);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::forged_record);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RecordStream,
                         testing::Values(named_maker{.name = "Tls", .make = make_tls_stream},
                                         named_maker{.name = "ShadowsocksChacha",
                                                     .make =
                                                         [](aead_use use) {
                                                           return make_shadowsocks_stream(
                                                               aead_kind::chacha20_poly1305, use);
                                                         }},
                                         named_maker{.name = "ShadowsocksAes",
                                                     .make =
                                                         [](aead_use use) {
                                                           return make_shadowsocks_stream(
                                                               aead_kind::aes_256_gcm, use);
                                                         }}),
                         [](const auto& kind) { return kind.param.name; });

}
}
