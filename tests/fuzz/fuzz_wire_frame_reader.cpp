#include <optional>
#include <vector>

#include "frame_support.hpp"
#include "wire_fuzz_input.hpp"

namespace httvps::wire {
namespace {

struct transcript {
  std::vector<base::byte_vector> frames;
  std::optional<stream_offset> data_end;
  std::optional<base::error> failure;
  bool between_frames = true;
};

void add_data(transcript& all, const data_frame& data) {
  const bool continues = all.data_end && *all.data_end == stream_offset{data.stream, data.offset};
  if (!continues) {
    all.frames.push_back(encode(data_frame{data.stream, data.offset, data.payload.first(1)}));
  }
  base::append(all.frames.back(), data.payload);
  all.data_end = stream_offset{data.stream, data.offset + data.payload.size()};
}

void check_same_after_encoding(const base::byte_vector& bytes) {
  require(!bytes.empty());
  frame_reader reader;
  byte_view rest = bytes;
  const auto again = reader.next(rest);
  require(again && *again && rest.empty());
  require(encode(**again) == bytes);
}

void add(transcript& all, const frame& found) {
  if (const auto* data = std::get_if<data_frame>(&found)) {
    require(!data->payload.empty() && data->payload.size() <= data_payload_most);
    add_data(all, *data);
    return;
  }
  all.data_end.reset();
  all.frames.push_back(encode(found));
  check_same_after_encoding(all.frames.back());
}

bool read_piece(frame_reader& reader, byte_view piece, transcript& all) {
  while (true) {
    const auto found = reader.next(piece);
    require(reader.buffered() <= frame_body_most + frame_head_most);
    if (!found) {
      all.failure = found.error();
      return false;
    }
    if (!*found) {
      require(piece.empty());
      return true;
    }
    add(all, **found);
  }
}

transcript read_in_pieces(byte_view stream, fuzz_input sizes) {
  frame_reader reader;
  transcript all;
  while (!stream.empty()) {
    const auto size = sizes.empty() ? stream.size() : std::size_t{1} + sizes.byte();
    const auto piece = stream.first(std::min(size, stream.size()));
    stream = stream.subspan(piece.size());
    if (!read_piece(reader, piece, all)) {
      return all;
    }
  }
  all.between_frames = reader.is_between_frames();
  return all;
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps::wire;
  fuzz_input input({data, size});
  const auto sizes = input.bytes(input.byte());
  const auto whole = read_in_pieces(input.rest(), fuzz_input({}));
  const auto split = read_in_pieces(input.rest(), fuzz_input(sizes));
  require(whole.frames == split.frames);
  require(whole.failure == split.failure);
  require(whole.between_frames == split.between_frames);
  return 0;
}
