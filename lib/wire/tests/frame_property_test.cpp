#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "frame_support.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::wire {
namespace {

std::vector<base::byte_vector> sample_frames() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/wire_frames.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto vectors = boost::json::parse(text);
  std::vector<base::byte_vector> frames;
  for (const auto& entry : vectors.at("frames").as_array()) {
    frames.push_back(base::from_hex(boost::json::value_to<std::string>(entry.at("hex"))).value());
  }
  return frames;
}

bool is_data(const base::byte_vector& bytes) {
  return bytes[0] == static_cast<std::uint8_t>(frame_kind::data);
}

base::byte_vector joined(const std::vector<base::byte_vector>& frames) {
  base::byte_vector all;
  for (const auto& each : frames) {
    base::append(all, each);
  }
  return all;
}

TEST(FrameProperty, EveryFrameButDataSurvivesEverySplit) {
  for (const auto& bytes : sample_frames()) {
    for (std::size_t cut = 0; cut <= bytes.size() && !is_data(bytes); ++cut) {
      const byte_view whole = bytes;
      const auto outcome = decode_all({whole.first(cut), whole.subspan(cut)});
      ASSERT_TRUE(outcome) << cut;
      EXPECT_EQ(*outcome, (std::vector<base::byte_vector>{bytes})) << cut;
    }
  }
}

TEST(FrameProperty, EveryShorterFormIsIncompleteAndNeverAFrame) {
  for (const auto& bytes : sample_frames()) {
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      const auto outcome = decode_all({byte_view(bytes).first(cut)});
      ASSERT_FALSE(outcome) << cut;
      EXPECT_EQ(outcome.error(), errc::frame_truncated);
    }
  }
}

struct collected {
  base::byte_vector payload;
  byte_count next = 0;
  bool contiguous = true;
};

collected collect_data(frame_reader& reader, const std::vector<byte_view>& pieces) {
  collected all;
  for (auto piece : pieces) {
    while (true) {
      const auto found = reader.next(piece);
      if (!found || !*found) {
        break;
      }
      const auto* data = std::get_if<data_frame>(&**found);
      if (data == nullptr) {
        continue;
      }
      all.contiguous = all.contiguous && data->offset == all.next;
      all.next = data->offset + data->payload.size();
      base::append(all.payload, data->payload);
    }
  }
  return all;
}

RC_GTEST_PROP(FrameProperty, DataPayloadIsTheSameAtEverySplit,
              (const base::byte_vector& payload, std::uint16_t first, std::uint16_t second)) {
  RC_PRE(!payload.empty());
  const auto bytes = joined(
      {encode(ping_frame{}), encode(data_frame{stream_id{9}, 0, payload}), encode(ping_frame{})});
  const byte_view whole = bytes;
  const std::size_t low =
      std::min<std::size_t>(first % (bytes.size() + 1), second % (bytes.size() + 1));
  const std::size_t high =
      std::max<std::size_t>(first % (bytes.size() + 1), second % (bytes.size() + 1));
  frame_reader reader;
  const auto all =
      collect_data(reader, {whole.first(low), whole.subspan(low, high - low), whole.subspan(high)});
  RC_ASSERT(all.contiguous);
  RC_ASSERT(all.payload == payload);
  RC_ASSERT(reader.is_between_frames());
}

RC_GTEST_PROP(FrameProperty, ArbitraryBytesNeverGrowTheReaderPastOneFrame,
              (const std::vector<base::byte_vector>& pieces)) {
  frame_reader reader;
  for (byte_view piece : pieces) {
    while (true) {
      const auto found = reader.next(piece);
      RC_ASSERT(reader.buffered() <= frame_body_most + frame_head_most);
      if (!found || !*found) {
        break;
      }
    }
  }
}

RC_GTEST_PROP(FrameProperty, SequencesOfFramesComeBackInOrder, (std::uint32_t seed)) {
  const auto samples = sample_frames();
  std::vector<base::byte_vector> chosen;
  for (std::size_t i = 0; i < 20; ++i) {
    seed = seed * 1664525U + 1013904223U;
    chosen.push_back(samples[(seed >> 8U) % samples.size()]);
  }
  const auto outcome = decode_all({joined(chosen)});
  RC_ASSERT(outcome.has_value());
  RC_ASSERT(*outcome == chosen);
}

}
}
