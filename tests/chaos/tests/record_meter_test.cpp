#include "gate/record_meter.hpp"

#include <gtest/gtest.h>

namespace httvps::chaos {
namespace {

base::byte_vector record_of(std::size_t body) {
  base::byte_vector bytes = {23, 3, 3, static_cast<std::uint8_t>(body >> 8U),
                             static_cast<std::uint8_t>(body & 0xffU)};
  bytes.resize(bytes.size() + body, 7);
  return bytes;
}

TEST(RecordMeter, IsOutsideAtTheEdgesOfRecords) {
  record_meter meter;
  EXPECT_EQ(meter.inside(), 0U);
  meter.note(record_of(300));
  EXPECT_EQ(meter.inside(), 0U);
  EXPECT_EQ(meter.record(), 0U);
  meter.note(record_of(0));
  EXPECT_EQ(meter.inside(), 0U);
}

TEST(RecordMeter, TellsHowFarItIsInsideOfARecord) {
  record_meter meter;
  auto bytes = record_of(16'400);
  base::append(bytes, record_of(300));
  const base::byte_view all = bytes;
  meter.note(all.first(3));
  EXPECT_EQ(meter.inside(), 3U);
  EXPECT_EQ(meter.record(), 0U);
  meter.note(all.subspan(3, 10'000));
  EXPECT_EQ(meter.inside(), 10'003U);
  EXPECT_EQ(meter.record(), 16'405U);
  meter.note(all.subspan(10'003, 6'502));
  EXPECT_EQ(meter.inside(), 100U);
  EXPECT_EQ(meter.record(), 305U);
}

TEST(RecordMeter, CountsTheSameInPiecesOfOneByte) {
  record_meter meter;
  auto bytes = record_of(700);
  base::append(bytes, record_of(2));
  for (const auto each : bytes) {
    meter.note(base::byte_view(&each, 1));
  }
  EXPECT_EQ(meter.inside(), 0U);
}

}
}
