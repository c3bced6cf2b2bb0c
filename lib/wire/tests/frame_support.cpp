#include "frame_support.hpp"

namespace httvps::wire {
namespace {

struct encoder {
  frame_writer& out;

  template <typename Frame>
  bool operator()(const Frame& value) const {
    return out.put(value);
  }
  bool operator()(const hello_frame& value) const {
    const std::vector<receive_state> states = collect(value.streams);
    return out.put(value, states);
  }
  bool operator()(const welcome_frame& value) const {
    const std::vector<receive_state> states = collect(value.streams);
    return out.put(value, states);
  }
  bool operator()(const window_frame& value) const {
    const auto entries = collect(value.streams);
    return out.put(value, entries);
  }
  bool operator()(const ack_frame& value) const { return out.put_acks(collect(value.streams)); }
  bool operator()(const goaway_frame& value) const {
    const auto names = split_gateway_names(value.gateways);
    return names && out.put(value, *names);
  }

  template <typename Entry>
  static std::vector<Entry> collect(const entry_list<Entry>& list) {
    std::vector<Entry> entries;
    for (const auto& entry : list) {
      entries.push_back(entry);
    }
    return entries;
  }
};

}

base::byte_vector encode(const frame& value) {
  base::byte_vector bytes(frame_body_most + frame_head_most);
  frame_writer writer(bytes);
  if (!std::visit(encoder{writer}, value)) {
    return {};
  }
  bytes.resize(writer.written());
  return bytes;
}

base::result<std::vector<base::byte_vector>> decode_all(const std::vector<byte_view>& pieces) {
  frame_reader reader;
  std::vector<base::byte_vector> encoded;
  for (auto piece : pieces) {
    while (true) {
      HTTVPS_TRY(const auto found, reader.next(piece));
      if (!found) {
        break;
      }
      encoded.push_back(encode(*found));
    }
  }
  if (!reader.is_between_frames()) {
    return base::fail(errc::frame_truncated);
  }
  return encoded;
}

}
