#include "httvps/gateway/usage/spool_record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/base/checksum.hpp"

namespace httvps::gateway {
namespace {

std::vector<usage_row> two_rows() {
  return {{.session = 1, .node_id = "node_a", .up = 5, .down = 9, .token = "v4.public.x"},
          {.session = 1ULL << 60U,
           .node_id = "node_b",
           .up = ~0ULL,
           .down = 0,
           .token = "",
           .final = true}};
}

std::vector<spool_record> one_of_each() {
  return {segment_opening{.epoch = "00ff00ff00ff00ff",
                          .last_sequence = 7,
                          .acked_through = 5,
                          .kind = segment_kind::compacted},
          kept_rows{two_rows()}, sealed_batch{.sequence = 8, .sealed_at = -3, .rows = two_rows()},
          acknowledgement_mark{.through = 8}};
}

void put_number(base::byte_vector& bytes, std::size_t at, std::size_t value) {
  for (std::size_t byte = 0; byte < 4; ++byte) {
    bytes[at + byte] = static_cast<std::uint8_t>(value >> (8 * byte));
  }
}

base::byte_vector with_content(base::byte_view content) {
  base::byte_vector covered(4);
  put_number(covered, 0, content.size());
  base::append(covered, content);
  base::byte_vector bytes(spool_head_size);
  put_number(bytes, 0, content.size());
  put_number(bytes, 4, base::crc32c(covered));
  base::append(bytes, content);
  return bytes;
}

TEST(SpoolRecord, ComesBackAsItWasWritten) {
  for (const auto& record : one_of_each()) {
    const auto bytes = encode_record(record);
    EXPECT_EQ(record_size(bytes), bytes.size());
    const auto again = decode_record(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->index(), record.index());
    EXPECT_EQ(encode_record(*again), bytes);
  }
}

TEST(SpoolRecord, KeepsEveryFieldOfARow) {
  const auto again = decode_record(encode_record(kept_rows{two_rows()}));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<kept_rows>(*again).rows, two_rows());
}

TEST(SpoolRecord, CutAnywhereIsNoticed) {
  for (const auto& record : one_of_each()) {
    const auto bytes = encode_record(record);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto cut = decode_record(base::byte_view(bytes).first(size));
      ASSERT_FALSE(cut);
      EXPECT_EQ(cut.error(), usage_errc::spool_record_cut) << size;
    }
  }
}

TEST(SpoolRecord, AnyFlippedBitIsNoticed) {
  for (const auto& record : one_of_each()) {
    const auto good = encode_record(record);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      auto bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(decode_record(bad)) << bit;
    }
  }
}

TEST(SpoolRecord, RightChecksumDoesNotExcuseContentThatIsTooLongOrTooShort) {
  for (const auto& record : one_of_each()) {
    const auto good = encode_record(record);
    auto content = base::byte_vector(good.begin() + spool_head_size, good.end());
    ASSERT_EQ(with_content(content), good);
    const auto shorter = with_content(base::byte_view(content).first(content.size() - 1));
    content.push_back(0);
    for (const auto& bad : {shorter, with_content(content)}) {
      const auto read = decode_record(bad);
      ASSERT_FALSE(read) << record.index() << " of " << bad.size() << " bytes";
      EXPECT_EQ(read.error(), usage_errc::spool_record_invalid);
    }
  }
}

TEST(SpoolRecord, ZerosAndHugeLengthsAreNoRecords) {
  EXPECT_EQ(decode_record(base::byte_vector(64, 0)).error(), usage_errc::spool_record_invalid);
  EXPECT_EQ(decode_record(base::byte_vector(64, 0xff)).error(), usage_errc::spool_record_invalid);
}

RC_GTEST_PROP(SpoolRecord, AnyBytesAreReadWithoutHarm, (const base::byte_vector& bytes)) {
  if (const auto record = decode_record(bytes)) {
    RC_ASSERT(encode_record(*record).size() <= bytes.size());
  }
}

}
}
